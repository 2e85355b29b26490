import { type DType, isFloat, rangeOf } from "../base/dtype.ts";
import type { BitsName, CompareName, UnaryOp } from "../graph/primitives.ts";
import type { AccumulateName, Expr, KernelBinary, Stmt } from "./ir.ts";
import { keyOf } from "./key.ts";
import { binaryIn, bitsBetween, bitsIn, castBetween, compareBy, register, rounded, unaryIn } from "./scalar.ts";

// Builders of expressions and statements. Constants fold; only identities that hold for every value (NaN, −0) are used.

export type NumberExpr = Extract<Expr, { kind: "number" }>;

export const isNumber = (expr: Expr): expr is NumberExpr => expr.kind === "number";

/** The element type of an expression's value. */
export function dtypeOf(expr: Expr): DType {
  switch (expr.kind) {
    case "index":
    case "param":
      return "i32";
    case "compare":
      return "bool";
    case "threefry":
      return "u32";
    default:
      return expr.dtype;
  }
}

export const number = (value: number, dtype: DType): NumberExpr => ({
  kind: "number",
  value: rounded[dtype](register[dtype](value)),
  dtype,
});
export const int = (value: number): NumberExpr => ({ kind: "number", value, dtype: "i32" });
export const bool = (value: boolean): NumberExpr => ({ kind: "number", value: value ? 1 : 0, dtype: "bool" });
export const index = (name: string): Expr => ({ kind: "index", name });
export const param = (name: string): Expr => ({ kind: "param", name });
export const local = (name: string, dtype: DType): Expr => ({ kind: "local", name, dtype });
export const load = (buffer: string, at: Expr, dtype: DType): Expr => ({ kind: "load", buffer, at, dtype });

export const unary = (op: UnaryOp, x: Expr): Expr =>
  isNumber(x) ? number(unaryIn(op, x.dtype)(x.value), x.dtype) : { kind: "unary", op, x, dtype: dtypeOf(x) };

export function binary(op: KernelBinary, x: Expr, y: Expr): Expr {
  const dtype = dtypeOf(x);
  if (isNumber(x) && isNumber(y)) return { kind: "number", value: binaryIn(op, dtype)(x.value, y.value), dtype };
  if (isNumber(y)) {
    if (y.value === 1 && (op === "mul" || op === "product" || op === "div")) return x;
    if (y.value === 0 && !isFloat(dtype) && (op === "add" || op === "sub")) return x;
  }
  if (isNumber(x)) {
    if (x.value === 1 && (op === "mul" || op === "product")) return y;
    if (x.value === 0 && !isFloat(dtype) && op === "add") return y;
  }
  // x + (−y) is x − y, also in IEEE arithmetic.
  if (op === "add" && y.kind === "unary" && y.op === "neg") return { kind: "binary", op: "sub", x, y: y.x, dtype };
  if (op === "add" && x.kind === "unary" && x.op === "neg") return { kind: "binary", op: "sub", x: y, y: x.x, dtype };
  return { kind: "binary", op, x, y, dtype };
}

export const add = (x: Expr, y: Expr): Expr => binary("add", x, y);
export const sub = (x: Expr, y: Expr): Expr => binary("sub", x, y);
export const mul = (x: Expr, y: Expr): Expr => binary("mul", x, y);
/** x·y of a sum of products: floats may be rounded together with the sum. */
export const product = (x: Expr, y: Expr): Expr => binary(isFloat(dtypeOf(x)) ? "product" : "mul", x, y);

export const compare = (op: CompareName, x: Expr, y: Expr): Expr =>
  isNumber(x) && isNumber(y) ? bool(compareBy[op](x.value, y.value) === 1) : { kind: "compare", op, x, y };

export function bits(op: BitsName, x: Expr, y: Expr): Expr {
  const dtype = dtypeOf(x);
  if (isNumber(x) && isNumber(y)) return { kind: "number", value: bitsIn(op, dtype)(x.value, y.value), dtype };
  return { kind: "bits", op, x, y, dtype };
}

/** Logical and of bools. */
export function and(x: Expr, y: Expr): Expr {
  if (isNumber(x)) return x.value === 0 ? x : y;
  if (isNumber(y)) return y.value === 0 ? y : x;
  return keyOf(x) === keyOf(y) ? x : bits("and", x, y);
}

export function or(x: Expr, y: Expr): Expr {
  if (isNumber(x)) return x.value === 0 ? y : x;
  if (isNumber(y)) return y.value === 0 ? x : y;
  return keyOf(x) === keyOf(y) ? x : bits("or", x, y);
}

export const not = (x: Expr): Expr => compare("eq", x, bool(false));

/** The conjuncts of a guard. */
export const conjuncts = (guard: Expr): Expr[] =>
  guard.kind === "bits" && guard.op === "and" && guard.dtype === "bool"
    ? [...conjuncts(guard.x), ...conjuncts(guard.y)]
    : [guard];

/** Whether `guard` being true makes `condition` true, by its conjuncts. */
export function implies(guard: Expr, condition: Expr): boolean {
  const known = new Set(conjuncts(guard).map(keyOf));
  return conjuncts(condition).every((part) => known.has(keyOf(part)));
}

export function select(when: Expr, then: Expr, otherwise: Expr): Expr {
  if (isNumber(when)) return when.value === 0 ? otherwise : then;
  if (keyOf(then) === keyOf(otherwise)) return then;
  if (then.kind === "select") {
    // The outer condition decides the inner one, or the inner one is stricter and fails to the same value.
    if (implies(when, then.when)) return select(when, then.then, otherwise);
    if (implies(then.when, when) && keyOf(then.else) === keyOf(otherwise)) return then;
  }
  return { kind: "select", when, then, else: otherwise, dtype: dtypeOf(then) };
}

export function cast(x: Expr, dtype: DType): Expr {
  const from = dtypeOf(x);
  if (from === dtype) return x;
  if (isNumber(x)) return { kind: "number", value: castBetween(from, dtype)(x.value), dtype };
  return { kind: "cast", x, dtype };
}

/** The same four bytes as another dtype. */
export function bitcast(x: Expr, dtype: DType): Expr {
  const from = dtypeOf(x);
  if (from === dtype) return x;
  if (isNumber(x)) return { kind: "number", value: bitsBetween(from, dtype)(x.value), dtype };
  return { kind: "bitcast", x, dtype };
}

/** u32 random bits. */
export const threefryBits = (key0: Expr, key1: Expr, counter: Expr): Expr => ({
  kind: "threefry",
  key0,
  key1,
  counter,
});

/** `x ⊕ y` as `accumulate` means it: bool max is or, bool min is and. */
export function combine(op: AccumulateName, x: Expr, y: Expr): Expr {
  if (dtypeOf(x) === "bool") return op === "max" || op === "sum" ? or(x, y) : and(x, y);
  return binary(op === "sum" ? "add" : op === "prod" ? "mul" : op, x, y);
}

/** The value that `accumulate` starts from. */
export function identityOf(op: AccumulateName, dtype: DType): Expr {
  if (dtype === "bool") return bool(op === "min" || op === "prod");
  if (op === "sum") return number(0, dtype);
  if (op === "prod") return number(1, dtype);
  const [low, high] = isFloat(dtype) ? [-Infinity, Infinity] : rangeOf[dtype];
  return number(op === "max" ? low : high, dtype);
}

export const forLoop = (name: string, from: Expr, to: Expr, body: readonly Stmt[], vector = false): Stmt => ({
  kind: "for",
  index: name,
  from,
  to,
  vector,
  body,
});
export const letLocal = (name: string, dtype: DType, value: Expr): Stmt => ({ kind: "let", name, dtype, value });
export const setLocal = (name: string, value: Expr): Stmt => ({ kind: "set", name, value });
export const accumulate = (name: string, op: AccumulateName, value: Expr): Stmt => ({
  kind: "accumulate",
  name,
  op,
  value,
});
export const store = (buffer: string, at: Expr, value: Expr): Stmt => ({ kind: "store", to: { buffer, at }, value });
export const when = (condition: Expr, then: readonly Stmt[], otherwise: readonly Stmt[] = []): Stmt => ({
  kind: "if",
  when: condition,
  then,
  else: otherwise,
});

/** max(x, −x) of floats, where the two zeros tie: |x| is +0. */
export const isMagnitude = ({ op, x, y, dtype }: Extract<Expr, { kind: "binary" }>): boolean =>
  op === "max" && isFloat(dtype) && y.kind === "unary" && y.op === "neg" && keyOf(y.x) === keyOf(x);
