import type { Expr, Kernel, Stmt } from "./ir.ts";

const keys = new WeakMap<Expr, string>();

/** Numbers that print alike but differ (−0) or do not survive JSON (NaN, ∞) keep apart. */
export const numberKey = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** A text that two expressions share exactly when they are structurally equal. */
export function keyOf(expr: Expr): string {
  let key = keys.get(expr);
  if (key === undefined) {
    key = makeKey(expr);
    keys.set(expr, key);
  }
  return key;
}

function makeKey(expr: Expr): string {
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
      return `${expr.buffer}[${keyOf(expr.at)}]`;
    case "unary":
      return `${expr.op}:${expr.dtype}(${keyOf(expr.x)})`;
    case "binary":
    case "bits":
      return `${expr.op}:${expr.dtype}(${keyOf(expr.x)},${keyOf(expr.y)})`;
    case "compare":
      return `${expr.op}(${keyOf(expr.x)},${keyOf(expr.y)})`;
    case "select":
      return `select:${expr.dtype}(${keyOf(expr.when)},${keyOf(expr.then)},${keyOf(expr.else)})`;
    case "cast":
      return `cast:${expr.dtype}(${keyOf(expr.x)})`;
    case "threefry":
      return `threefry(${keyOf(expr.key0)},${keyOf(expr.key1)},${keyOf(expr.counter)})`;
  }
}

const blockKey = (body: readonly Stmt[]): string => `{${body.map(statementKey).join(";")}}`;

function statementKey(stmt: Stmt): string {
  switch (stmt.kind) {
    case "for":
      return `for ${stmt.index} ${keyOf(stmt.from)} ${keyOf(stmt.to)} ${stmt.vector}${blockKey(stmt.body)}`;
    case "let":
      return `let ${stmt.name}:${stmt.dtype}=${keyOf(stmt.value)}`;
    case "set":
      return `set ${stmt.name}=${keyOf(stmt.value)}`;
    case "accumulate":
      return `${stmt.op} ${stmt.name}=${keyOf(stmt.value)}`;
    case "store":
      return `${stmt.to.buffer}[${keyOf(stmt.to.at)}]=${keyOf(stmt.value)}`;
    case "if":
      return `if ${keyOf(stmt.when)}${blockKey(stmt.then)}${blockKey(stmt.else)}`;
    case "while":
      return `while ${keyOf(stmt.when)}${blockKey(stmt.body)}`;
    case "tile": {
      const places = [stmt.a, stmt.b, stmt.c].map(({ buffer, at }) => `${buffer}[${keyOf(at)}]`).join(",");
      return `tile ${places},${stmt.pitch},${stmt.rows},${stmt.columns},${keyOf(stmt.depth)},${stmt.accumulate}`;
    }
  }
}

/** A text that two kernels share exactly when they compute the same: all but name, scope, flops and bytes. */
export function structureOf(kernel: Kernel): string {
  const buffers = kernel.buffers.map(({ name, dtype, role, elements }) => `${role} ${name}:${dtype}[${elements}]`);
  return `(${[...buffers, ...kernel.params].join(",")})${blockKey(kernel.body)}`;
}
