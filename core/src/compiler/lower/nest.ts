import { and, conjuncts, dtypeOf, forLoop, implies, isNumber, letLocal, select, when } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { operandsOf } from "../../kernel/operands.ts";
import type { KernelBuilder } from "./kernel.ts";

/** One loop of a nest, outermost first. */
export interface Loop {
  readonly index: string;
  readonly from: Expr;
  readonly to: Expr;
}

type Leaf = Extract<Stmt, { kind: "store" | "accumulate" | "let" }>;

/**
 * The statements that run `leaf` inside `loops`. Values that are needed twice are computed once, values that do not
 * depend on inner loops are computed outside them, and a guard that the innermost loop does not change becomes an `if`
 * around two loops. The innermost loop is a vector loop unless `vector` is false.
 */
export function nest(builder: KernelBuilder, loops: readonly Loop[], leaf: readonly Leaf[], vector = true): Stmt[] {
  const guard = vector && loops.length > 0 ? invariantGuard(loops, leaf) : undefined;
  if (guard === undefined) {
    const interior = vector && loops.length > 1 ? interiorGuard(loops, leaf) : undefined;
    if (interior === undefined) return new Nest(builder, loops, vector).write(leaf);
    const safe = new Set<string>();
    const inside = leaf.map((stmt) => ({ ...stmt, value: assume(stmt.value, interior, safe) }) as Leaf);
    const outside = leaf.map((stmt) => ({ ...stmt, value: deny(stmt.value, interior) }) as Leaf);
    return new Nest(builder, loops, vector).write(inside, { guard: interior, outside, safe });
  }
  const safe = new Set(leaf.flatMap(({ value }) => loadUnder(value)));
  const inside = leaf.map((stmt) => ({ ...stmt, value: assume(thenOf(stmt.value), guard, safe) }) as Leaf);
  const outside = leaf
    .map((stmt) => ({ ...stmt, value: elseOf(stmt.value) }) as Leaf)
    .filter(
      (stmt) => !(stmt.kind === "accumulate" && stmt.op === "sum" && isNumber(stmt.value) && stmt.value.value === 0),
    );
  return new Nest(builder, loops, vector).write(inside, { guard, outside, safe });
}

/** The condition of the select that all statements share, when it does not depend on the innermost loop. */
function invariantGuard(loops: readonly Loop[], leaf: readonly Leaf[]): Expr | undefined {
  const inner = loops.at(-1)!.index;
  const [first] = leaf;
  if (first === undefined || first.value.kind !== "select") return undefined;
  const guard = first.value.when;
  if (dependsOn(guard, inner)) return undefined;
  // Otherwise a number; where values decide (an update that may be left out), also what stood there before.
  const open = readsMemory(guard);
  const shared = leaf.every(
    ({ kind, value }) =>
      kind !== "let" &&
      value.kind === "select" &&
      keyOf(value.when) === keyOf(guard) &&
      (isNumber(value.else) || (open && value.else.kind === "load")),
  );
  return shared ? guard : undefined;
}

/**
 * All conditions under which padding is not read, where several loads have such a condition and the innermost loop changes
 * none of them: inside of an image, every load is plain.
 */
function interiorGuard(loops: readonly Loop[], leaf: readonly Leaf[]): Expr | undefined {
  const inner = loops.at(-1)!.index;
  const guards = new Map<string, Expr>();
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if (expr.kind === "select" && expr.then.kind === "load" && isNumber(expr.else)) {
      for (const part of conjuncts(expr.when))
        if (!dependsOn(part, inner) && !readsMemory(part)) guards.set(keyOf(part), part);
    }
    operandsOf(expr).forEach(visit);
  };
  leaf.flatMap(expressionsOf).forEach(visit);
  return guards.size < 2 ? undefined : [...guards.values()].reduce((all, part) => and(all, part));
}

const readsMemory = (expr: Expr): boolean =>
  expr.kind === "load" || expr.kind === "local" || operandsOf(expr).some(readsMemory);

const loadUnder = (value: Expr): string[] =>
  value.kind === "select" && value.then.kind === "load" ? [keyOf(value.then)] : [];
const thenOf = (value: Expr): Expr => (value.kind === "select" ? value.then : value);
const elseOf = (value: Expr): Expr => (value.kind === "select" ? value.else : value);

/** `expr` with its children replaced. */
export function withChildren(expr: Expr, children: readonly Expr[]): Expr {
  const [a, b, c] = children as [Expr, Expr, Expr]; // as many as operandsOf gave
  if (operandsOf(expr).every((child, i) => child === children[i])) return expr;
  switch (expr.kind) {
    case "load":
      return { ...expr, at: a };
    case "unary":
    case "cast":
    case "bitcast":
      return { ...expr, x: a };
    case "binary":
    case "compare":
    case "bits":
      return { ...expr, x: a, y: b };
    case "select":
      return select(a, b, c);
    case "threefry":
      return { ...expr, key0: a, key1: b, counter: c };
    default:
      return expr;
  }
}

function dependsOn(expr: Expr, name: string, seen = new Set<Expr>()): boolean {
  if (expr.kind === "index") return expr.name === name;
  if (seen.has(expr)) return false;
  seen.add(expr);
  return operandsOf(expr).some((child) => dependsOn(child, name, seen));
}

/** `expr` where `guard` is known to be true. The keys of loads that it makes safe are added to `safe`. */
function assume(expr: Expr, guard: Expr, safe: Set<string>, done = new Map<Expr, Expr>()): Expr {
  const inner = (child: Expr): Expr => assume(child, guard, safe, done);
  return once(expr, done, () => {
    if (expr.kind !== "select") return withChildren(expr, operandsOf(expr).map(inner));
    if (implies(guard, expr.when)) {
      const then = inner(expr.then);
      if (expr.then.kind === "load") safe.add(keyOf(then));
      return then;
    }
    return select(inner(weaken(expr.when, guard)), inner(expr.then), inner(expr.else));
  });
}

/** `expr` where `guard` is known to be false. */
function deny(expr: Expr, guard: Expr, done = new Map<Expr, Expr>()): Expr {
  const inner = (child: Expr): Expr => deny(child, guard, done);
  return once(expr, done, () =>
    expr.kind === "select" && implies(expr.when, guard)
      ? inner(expr.else)
      : withChildren(expr, operandsOf(expr).map(inner)),
  );
}

function once(expr: Expr, done: Map<Expr, Expr>, make: () => Expr): Expr {
  const known = done.get(expr);
  if (known !== undefined) return known;
  const result = make();
  done.set(expr, result);
  return result;
}

/** The conjuncts of `condition` that `guard` does not already have. */
function weaken(condition: Expr, guard: Expr): Expr {
  const open = conjuncts(condition).filter((part) => !implies(guard, part));
  return open.length === 0 ? condition : open.reduce((all, part) => and(all, part));
}

/** One distinct expression of a nest. */
interface Shared {
  readonly expr: Expr;
  readonly children: readonly Shared[];
  /** How many of the nest's loops must be around it. */
  readonly depth: number;
  /** Index arithmetic only: cheap, and often part of the address. */
  readonly indexOnly: boolean;
  /** Operations in it. */
  readonly size: number;
  /** Reads memory that only an enclosing guard makes safe to read. */
  readonly exposed: boolean;
  /** The same, of branches too that are perhaps not taken. */
  readonly guarded: boolean;
  /** Inside a branch of a condition that the innermost loop changes. */
  chosen: boolean;
  uses: number;
  evaluatedAt: number;
  bound: boolean;
  name: string | undefined;
}

interface Unswitched {
  readonly guard: Expr;
  readonly outside: readonly Leaf[];
  /** Keys of loads that may be done wherever the guard holds. */
  readonly safe: ReadonlySet<string>;
}

class Nest {
  readonly #builder: KernelBuilder;
  readonly #loops: readonly Loop[];
  readonly #vector: boolean;
  readonly #depths: ReadonlyMap<string, number>;
  readonly #written = new Set<string>();
  /** By key, in an order where children come first. */
  readonly #shared = new Map<string, Shared>();
  readonly #rewritten = new Map<Shared, Expr>();
  #unswitched = false;
  #safeInside: ReadonlySet<string> = new Set();
  /** What the loop outside of the guard reads: its loads stay where their own guards are. */
  #outside: ReadonlySet<Shared> = new Set();

  constructor(builder: KernelBuilder, loops: readonly Loop[], vector: boolean) {
    this.#builder = builder;
    this.#loops = loops;
    this.#vector = vector;
    this.#depths = new Map(loops.map(({ index }, position) => [index, position + 1]));
  }

  write(leaf: readonly Leaf[], unswitched?: Unswitched): Stmt[] {
    const depth = this.#loops.length;
    this.#unswitched = unswitched !== undefined;
    for (const stmt of [...leaf, ...(unswitched?.outside ?? [])])
      if (stmt.kind === "store") this.#written.add(stmt.to.buffer);

    // Every expression once, with the number of its uses.
    for (const expr of [...leaf, ...(unswitched?.outside ?? [])].flatMap(expressionsOf))
      this.#use(this.#intern(expr), depth);
    if (unswitched !== undefined) {
      this.#use(this.#intern(unswitched.guard), depth - 1);
      this.#outside = this.#reachedFrom(unswitched.outside);
      this.#safeInside = unswitched.safe;
    }
    const several = leaf.filter(({ kind }) => kind === "store").length > 1;
    if (several) for (const stmt of leaf) if (stmt.kind === "store") this.#intern(stmt.value).uses++;
    this.#markChosen();
    this.#decide();

    let body: Stmt[] = [...this.#lets(depth, leaf), ...leaf.map((stmt) => this.#rewriteStatement(stmt))];
    for (let level = depth - 1; level >= 0; level--) {
      const { index, from, to } = this.#loops[level]!;
      const innermost = level === depth - 1;
      let loop: Stmt[] = [forLoop(index, from, to, body, this.#vector && innermost)];
      if (innermost && unswitched !== undefined) {
        const otherwise = [
          ...this.#lets(depth, unswitched.outside),
          ...unswitched.outside.map((stmt) => this.#rewriteStatement(stmt)),
        ];
        const outside = unswitched.outside.length === 0 ? [] : [forLoop(index, from, to, otherwise, this.#vector)];
        loop = [when(this.#rewrite(this.#intern(unswitched.guard)), loop, outside)];
      }
      body = [...this.#lets(level), ...loop];
    }
    return body;
  }

  #intern(expr: Expr): Shared {
    const key = keyOf(expr);
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const children = operandsOf(expr).map((child) => this.#intern(child));
    const shared: Shared = {
      expr,
      children,
      depth: this.#depthOf(expr, children),
      indexOnly:
        ["number", "index", "param"].includes(expr.kind) ||
        (expr.kind === "binary" && expr.dtype === "i32" && children.every((child) => child.indexOnly)),
      size: 1 + children.reduce((sum, child) => sum + (child.children.length === 0 ? 0 : child.size), 0),
      exposed: this.#isExposed(expr, key, children),
      guarded: (expr.kind === "load" && !this.#builder.safeLoads.has(key)) || children.some((child) => child.guarded),
      chosen: false,
      uses: 0,
      evaluatedAt: 0,
      bound: false,
      name: undefined,
    };
    for (const child of children) child.uses++;
    this.#shared.set(key, shared);
    return shared;
  }

  #depthOf(expr: Expr, children: readonly Shared[]): number {
    if (expr.kind === "index") return this.#depths.get(expr.name) ?? 0;
    // What the nest itself writes must be read where it stands.
    if (expr.kind === "load" && this.#written.has(expr.buffer)) return this.#loops.length;
    return children.reduce((deepest, child) => Math.max(deepest, child.depth), 0);
  }

  #isExposed(expr: Expr, key: string, children: readonly Shared[]): boolean {
    if (expr.kind === "load") return !this.#builder.safeLoads.has(key) || children.some((child) => child.exposed);
    // The branches of a select are evaluated only when they are taken.
    if (expr.kind === "select") return children[0]!.exposed;
    return children.some((child) => child.exposed);
  }

  #use(shared: Shared, depth: number): void {
    shared.uses++;
    shared.evaluatedAt = Math.max(shared.evaluatedAt, depth);
  }

  /** Lanes that disagree about a condition would load one by one what any of them may load: such values are read before. */
  #markChosen(): void {
    const pending = [...this.#shared.values()].flatMap(({ expr, children: [when, ...branches] }) =>
      this.#vector && expr.kind === "select" && when!.depth === this.#loops.length ? branches : [],
    );
    for (let shared = pending.pop(); shared !== undefined; shared = pending.pop()) {
      if (shared.chosen) continue;
      shared.chosen = true;
      pending.push(...shared.children);
    }
  }

  /** Chooses what becomes a local; users come before what they use. */
  #decide(): void {
    for (const shared of [...this.#shared.values()].reverse()) {
      const inside = this.#unswitched && shared.depth === this.#loops.length && !this.#outside.has(shared);
      // What is read inside of the guard only may rely on it, also in a branch that the guard has made the only condition of.
      const reliant = this.#unswitched && shared.guarded && !this.#outside.has(shared);
      const movable = inside || !(shared.exposed || reliant);
      // A product rounds with the sum that it goes into, so it stays there.
      const product = shared.expr.kind === "binary" && shared.expr.op === "product";
      const worth =
        shared.children.length > 0 && !product && (!shared.indexOnly || shared.size > 2 || divides(shared.expr));
      const hoisted = shared.depth < shared.evaluatedAt;
      const safe = !shared.exposed || (inside && this.#isSafeInside(shared));
      const early = shared.chosen && shared.expr.kind === "load" && safe;
      if (movable && worth && (shared.uses > 1 || hoisted || early)) {
        shared.bound = true;
        shared.evaluatedAt = shared.depth;
      }
      for (const child of shared.children) child.evaluatedAt = Math.max(child.evaluatedAt, shared.evaluatedAt);
    }
    // Names count in the order of the text: outer loops first.
    const bound = [...this.#shared.values()].filter((shared) => shared.bound).sort((a, b) => a.depth - b.depth);
    for (const shared of bound) shared.name = this.#builder.name("t");
  }

  #isSafeInside({ expr, children }: Shared): boolean {
    return this.#safeInside.has(keyOf(expr)) && !children.some(({ exposed }) => exposed);
  }

  /** The locals of one depth, or those of them that `leaf` needs. */
  #lets(depth: number, leaf?: readonly Leaf[]): Stmt[] {
    const needed = leaf === undefined ? undefined : this.#reachedFrom(leaf);
    return [...this.#shared.values()]
      .filter((shared) => shared.name !== undefined && shared.depth === depth && (needed?.has(shared) ?? true))
      .map((shared) => letLocal(shared.name!, dtypeOf(shared.expr), this.#expand(shared)));
  }

  #reachedFrom(leaf: readonly Leaf[]): Set<Shared> {
    const reached = new Set<Shared>();
    const pending = leaf.flatMap(expressionsOf).map((expr) => this.#intern(expr));
    for (let shared = pending.pop(); shared !== undefined; shared = pending.pop()) {
      if (reached.has(shared)) continue;
      reached.add(shared);
      pending.push(...shared.children);
    }
    return reached;
  }

  #rewrite(shared: Shared): Expr {
    if (shared.name !== undefined) return { kind: "local", name: shared.name, dtype: dtypeOf(shared.expr) };
    return this.#expand(shared);
  }

  #expand(shared: Shared): Expr {
    let expr = this.#rewritten.get(shared);
    if (expr === undefined) {
      expr = withChildren(
        shared.expr,
        shared.children.map((child) => this.#rewrite(child)),
      );
      this.#rewritten.set(shared, expr);
    }
    return expr;
  }

  #rewriteStatement(stmt: Leaf): Stmt {
    const value = this.#rewrite(this.#intern(stmt.value));
    if (stmt.kind !== "store") return { ...stmt, value };
    return { ...stmt, to: { ...stmt.to, at: this.#rewrite(this.#intern(stmt.to.at)) }, value };
  }
}

const divides = (expr: Expr): boolean => expr.kind === "binary" && (expr.op === "div" || expr.op === "mod");

const expressionsOf = (stmt: Leaf): Expr[] => (stmt.kind === "store" ? [stmt.to.at, stmt.value] : [stmt.value]);
