import { add, binary, int, mul, sub } from "./build.ts";
import type { Expr } from "./ir.ts";
import { keyOf, textOf } from "./key.ts";

/** `factor · atom`; an atom is an index, or anything that is not a sum or a product with a constant. */
export interface Term {
  readonly atom: Expr;
  readonly factor: number;
}

/** Σ factor · atom + constant over i32 expressions: the normal form of index arithmetic. Terms by the key of their atom. */
export interface Linear {
  readonly terms: ReadonlyMap<string, Term>;
  readonly constant: number;
}

const noTerms: Linear["terms"] = new Map();

export const constantLinear = (constant: number): Linear => ({ terms: noTerms, constant });

const atomLinear = (atom: Expr): Linear => ({ terms: new Map([[keyOf(atom), { atom, factor: 1 }]]), constant: 0 });

/** a + scale · b. */
export function addScaled(a: Linear, b: Linear, scale: number): Linear {
  if (b.terms.size === 0) return { terms: a.terms, constant: a.constant + scale * b.constant };
  if (a.terms.size === 0 && scale === 1) return { terms: b.terms, constant: a.constant + b.constant };
  const terms = new Map(a.terms);
  for (const [key, { atom, factor }] of b.terms) {
    const sum = (terms.get(key)?.factor ?? 0) + scale * factor;
    if (sum === 0) terms.delete(key);
    else terms.set(key, { atom, factor: sum });
  }
  return { terms, constant: a.constant + scale * b.constant };
}

/** The terms (and the constant) for which `keep` holds. */
export function filterTerms({ terms, constant }: Linear, keep: (factor: number) => boolean): Linear {
  const kept = new Map<string, Term>();
  for (const [key, term] of terms) if (keep(term.factor)) kept.set(key, term);
  return { terms: kept, constant: keep(constant) ? constant : 0 };
}

export function mapFactors({ terms, constant }: Linear, change: (factor: number) => number): Linear {
  const changed = new Map<string, Term>();
  for (const [key, { atom, factor }] of terms) {
    const next = change(factor);
    if (next !== 0) changed.set(key, { atom, factor: next });
  }
  return { terms: changed, constant: change(constant) };
}

const linears = new WeakMap<Expr, Linear>();

/** The normal form of an i32 expression. */
export function toLinear(expr: Expr): Linear {
  if (expr.kind === "number") return constantLinear(expr.value);
  let linear = linears.get(expr);
  if (linear === undefined) {
    linear = computeLinear(expr);
    linears.set(expr, linear);
  }
  return linear;
}

const reading = new WeakMap<Expr, boolean>();

function readsData(expr: Expr): boolean {
  if (expr.kind === "number" || expr.kind === "index" || expr.kind === "param") return false;
  if (expr.kind !== "binary") return true;
  let reads = reading.get(expr);
  if (reads === undefined) {
    reads = readsData(expr.x) || readsData(expr.y);
    reading.set(expr, reads);
  }
  return reads;
}

function computeLinear(expr: Expr): Linear {
  // Arithmetic on data may wrap; only sums of indices do not. Sums made by `fromLinear` are remembered and never get here.
  if (expr.kind === "binary" && expr.dtype === "i32" && !readsData(expr)) {
    if (expr.op === "add") return addScaled(toLinear(expr.x), toLinear(expr.y), 1);
    if (expr.op === "sub") return addScaled(toLinear(expr.x), toLinear(expr.y), -1);
    if (expr.op === "mul" && expr.y.kind === "number")
      return addScaled(constantLinear(0), toLinear(expr.x), expr.y.value);
    if (expr.op === "mul" && expr.x.kind === "number")
      return addScaled(constantLinear(0), toLinear(expr.y), expr.x.value);
  }
  return atomLinear(expr);
}

/** The expression of a normal form; terms in the order of `rank`, so that what belongs to outer loops comes first. */
export function fromLinear(linear: Linear, rank: (atom: Expr) => number): Expr {
  const expr = build(linear, rank);
  linears.set(expr, linear);
  return expr;
}

const byText = (a: Expr, b: Expr): number => (textOf(a) < textOf(b) ? -1 : 1);

const inOrder = (terms: readonly Term[], rank: (atom: Expr) => number): Term[] =>
  terms
    .map(({ atom, factor }) => ({ atom, factor, rank: rank(atom) }))
    .sort((a, b) => a.rank - b.rank || Math.abs(b.factor) - Math.abs(a.factor) || byText(a.atom, b.atom));

function build({ terms, constant }: Linear, rank: (atom: Expr) => number): Expr {
  if (terms.size === 0) return int(constant);
  const sorted = terms.size === 1 ? [...terms.values()] : inOrder([...terms.values()], rank);
  // A sum starts with a positive term, or with the constant when there is none.
  const first = sorted.find(({ factor }) => factor > 0);
  let sum: Expr = first === undefined ? int(constant) : mul(first.atom, int(first.factor));
  for (const term of sorted) {
    if (term === first) continue;
    const product = mul(term.atom, int(Math.abs(term.factor)));
    sum = term.factor < 0 ? sub(sum, product) : add(sum, product);
  }
  if (first === undefined) return sum;
  return constant < 0 ? sub(sum, int(-constant)) : add(sum, int(constant));
}

/** An unsimplified quotient or remainder of an index by a positive constant. */
export const rawDivision = (op: "div" | "mod", x: Expr, by: number): Expr => binary(op, x, int(by));
