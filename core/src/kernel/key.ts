import type { Expr, Kernel, Stmt } from "./ir.ts";
import { tileShape } from "./tile.ts";

/** Numbers that print alike but differ (−0) or do not survive JSON (NaN, ∞) keep apart. */
export const numberKey = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** One level of an expression as text, its parts written by `part`. */
function describe(expr: Expr, part: (expr: Expr) => string): string {
  switch (expr.kind) {
    case "number":
      return `${numberKey(expr.value)}:${expr.dtype}`;
    case "index":
      return expr.name;
    case "param":
      return `$${expr.name}`;
    case "local":
      return `%${expr.name}`;
    case "load":
      return `${expr.buffer}[${part(expr.at)}]`;
    case "unary":
      return `${expr.op}:${expr.dtype}(${part(expr.x)})`;
    case "binary":
    case "bits":
      return `${expr.op}:${expr.dtype}(${part(expr.x)},${part(expr.y)})`;
    case "compare":
      return `${expr.op}(${part(expr.x)},${part(expr.y)})`;
    case "select":
      return `select:${expr.dtype}(${part(expr.when)},${part(expr.then)},${part(expr.else)})`;
    case "cast":
    case "bitcast":
      return `${expr.kind}:${expr.dtype}(${part(expr.x)})`;
    case "threefry":
      return `threefry(${part(expr.key0)},${part(expr.key1)},${part(expr.counter)})`;
  }
}

const keys = new WeakMap<Expr, string>();
const numbers = new Map<string, number>();
let nextNumber = 0;
const mostNumbers = 1_000_000;

/**
 * A short text that two expressions share exactly when they are structurally equal, as long as `forgetKeys` is not called
 * between them. (The whole expression as text would be exponential where parts are shared.)
 */
export function keyOf(expr: Expr): string {
  if (expr.kind === "number" || expr.kind === "index" || expr.kind === "param" || expr.kind === "local")
    return describe(expr, keyOf);
  let key = keys.get(expr);
  if (key === undefined) {
    key = numbered(describe(expr, keyOf));
    keys.set(expr, key);
  }
  return key;
}

function numbered(text: string): string {
  let known = numbers.get(text);
  if (known === undefined) {
    known = nextNumber++;
    numbers.set(text, known);
  }
  return `#${known}`;
}

/** Frees the memory behind `keyOf` when it has grown; numbers are never used twice, so old keys stay unequal to new ones. */
export function forgetKeys(): void {
  if (numbers.size > mostNumbers) numbers.clear();
}

/** The whole expression as text: the same in every process. */
export const textOf = (expr: Expr): string => describe(expr, textOf);

const blockText = (body: readonly Stmt[]): string => `{${body.map(statementText).join(";")}}`;

function statementText(stmt: Stmt): string {
  switch (stmt.kind) {
    case "for":
      return `for ${stmt.index} ${textOf(stmt.from)} ${textOf(stmt.to)} ${stmt.vector}${blockText(stmt.body)}`;
    case "let":
      return `let ${stmt.name}:${stmt.dtype}=${textOf(stmt.value)}`;
    case "set":
      return `set ${stmt.name}=${textOf(stmt.value)}`;
    case "accumulate":
      return `${stmt.op} ${stmt.name}=${textOf(stmt.value)}`;
    case "store":
      return `${stmt.to.buffer}[${textOf(stmt.to.at)}]=${textOf(stmt.value)}`;
    case "if":
      return `if ${textOf(stmt.when)}${blockText(stmt.then)}${blockText(stmt.else)}`;
    case "while":
      return `while ${textOf(stmt.when)}${blockText(stmt.body)}`;
    case "tile": {
      const places = [stmt.a, stmt.b, stmt.c].map(({ buffer, at }) => `${buffer}[${textOf(at)}]`).join(",");
      return `tile ${places},${stmt.pitch},${Object.values(tileShape(stmt))},${textOf(stmt.depth)},${stmt.accumulate}`;
    }
  }
}

const bodies = new WeakMap<Kernel["body"], string>();

/** A text that two kernels share exactly when they compute the same: all but name, scope, flops and bytes. */
export function structureOf(kernel: Kernel): string {
  const buffers = kernel.buffers.map(({ name, dtype, role, elements }) => `${role} ${name}:${dtype}[${elements}]`);
  const body = bodies.get(kernel.body) ?? blockText(kernel.body);
  bodies.set(kernel.body, body);
  return `(${[...buffers, ...kernel.params].join(",")})${body}`;
}
