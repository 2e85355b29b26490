import { type DType, isFloat } from "../../base/dtype.ts";
import type { BitsName, UnaryOp } from "../../graph/primitives.ts";
import { dtypeOf, isMagnitude } from "../../kernel/build.ts";
import type { Expr, KernelBinary } from "../../kernel/ir.ts";
import { type Intervals, intervalOf } from "./bounds.ts";
import { floatLiteral, integerLiteral } from "./literal.ts";
import type { Names } from "./names.ts";
import type { Prelude, SnippetName } from "./prelude.ts";
import { registerType } from "./types.ts";

/** What the text of an expression depends on besides the expression. */
export interface Scope {
  readonly prelude: Prelude;
  readonly names: Names;
  /** Arithmetic that provably stays inside i32 is written plainly; other wraps. */
  readonly intervals: Intervals;
}

/** How tightly the outermost operator of a text binds; C's order. */
const precedence = {
  primary: 16,
  unary: 15,
  multiply: 13,
  add: 12,
  less: 10,
  equal: 9,
  and: 8,
  xor: 7,
  or: 6,
  choice: 3,
} as const;

interface Text {
  readonly text: string;
  readonly binds: number;
}

const primary = (text: string): Text => ({ text, binds: precedence.primary });
const inside = ({ text, binds }: Text, atLeast: number): string => (binds >= atLeast ? text : `(${text})`);
const infix = (x: Text, operator: string, y: Text, binds: number): Text => ({
  text: `${inside(x, binds)} ${operator} ${inside(y, binds + 1)}`,
  binds,
});
const call = (name: string, ...parts: readonly Text[]): Text =>
  primary(`${name}(${parts.map(({ text }) => text).join(", ")})`);

/** `expr` as C that computes a value of its dtype's register type. */
export const valueText = (expr: Expr, scope: Scope): string => print(expr, scope, false).text;

/** `expr` as C that computes an index: plain `int32_t` arithmetic, which cannot overflow. */
export const indexText = (expr: Expr, scope: Scope): string => print(expr, scope, true).text;

/** Wraps text of a register of `dtype` that may have left the dtype's range. */
function wrapped(text: Text, dtype: DType, { prelude }: Scope): Text {
  if (dtype === "i8") return call(prelude.use("wrap_i8"), text);
  if (dtype === "u8") return call(prelude.use("wrap_u8"), text);
  return text;
}

function print(expr: Expr, scope: Scope, index: boolean): Text {
  const child = (x: Expr): Text => print(x, scope, index);
  const value = (x: Expr): Text => print(x, scope, false);
  switch (expr.kind) {
    case "number":
      return literal(expr.value, expr.dtype);
    case "index":
      return primary(expr.name === "task" ? "task" : scope.names.of(`index ${expr.name}`, expr.name));
    case "param":
      return primary(scope.names.of(`param ${expr.name}`, expr.name));
    case "local":
      return primary(scope.names.of(`local ${expr.name}`, expr.name));
    case "load": {
      const buffer = scope.names.of(`buffer ${expr.buffer}`, expr.buffer);
      const element = primary(`${buffer}[${indexText(expr.at, scope)}]`);
      if (expr.dtype === "f16") return call(scope.prelude.use("load_f16"), element);
      if (expr.dtype === "bf16") return call(scope.prelude.use("load_bf16"), element);
      return element;
    }
    case "unary":
      return unaryText(expr.op, value(expr.x), expr.dtype, scope);
    case "binary": {
      if (isFloat(expr.dtype) && (expr.op === "add" || expr.op === "sub")) return sumText(expr, scope, index);
      if (isMagnitude(expr)) return call(scope.prelude.use("fabs_f32"), child(expr.x));
      const address = index && (isOperator(expr.op) || isPosition(expr, scope));
      const part = address ? child : value;
      return (isPlain(expr, address, scope) ? plainBinary : binaryText)(expr, part(expr.x), part(expr.y), scope);
    }
    case "compare":
      return compareText(expr, scope, index);
    case "bits":
      return bitsText(expr.op, value(expr.x), value(expr.y), expr.dtype, scope);
    case "select": {
      const [when, then, otherwise] = [child(expr.when), child(expr.then), child(expr.else)];
      const text = `${inside(when, precedence.or)} ? ${inside(then, precedence.or)} : ${inside(otherwise, precedence.choice)}`;
      return { text, binds: precedence.choice };
    }
    case "cast":
      return castText(value(expr.x), dtypeOf(expr.x), expr.dtype, scope);
    case "bitcast":
      return bitcastText(value(expr.x), dtypeOf(expr.x), expr.dtype, scope);
    case "threefry":
      return call(scope.prelude.use("threefry"), child(expr.key0), child(expr.key1), child(expr.counter));
  }
}

/** Signed and unsigned integers are one another's bits by C's own conversion; floats have functions. */
function bitcastText(x: Text, from: DType, to: DType, scope: Scope): Text {
  if (to === "f32") return call(scope.prelude.use("float_of"), x);
  const bits = from === "f32" ? call(scope.prelude.use("bits_of"), x) : x;
  const same = from === "f32" && to === "i32";
  return same
    ? bits
    : { text: `(${to === "u32" ? "uint32_t" : "int32_t"})${inside(bits, precedence.unary)}`, binds: precedence.unary };
}

function literal(value: number, dtype: DType): Text {
  const text = isFloat(dtype) ? floatLiteral(value) : integerLiteral(value, dtype);
  return { text, binds: text.startsWith("-") ? precedence.unary : precedence.primary };
}

function unaryText(op: UnaryOp, x: Text, dtype: DType, scope: Scope): Text {
  const { prelude } = scope;
  const negative = (): Text => ({ text: `-${inside(x, precedence.primary)}`, binds: precedence.unary });
  switch (op) {
    case "neg":
      if (isFloat(dtype) || dtype === "u32") return negative();
      if (dtype === "i32") return call(prelude.use("sub_i32"), primary("0"), x);
      return wrapped(negative(), dtype, scope);
    case "sqrt":
      return call("sqrtf", x);
    case "floor":
      return call("floorf", x);
    default:
      return call(prelude.use(`${op}_f32`), x);
  }
}

type Binary = Extract<Expr, { kind: "binary" }>;

/** A product: what rounds together with the sum that it goes into. */
export const isProduct = (expr: Expr): expr is Binary => expr.kind === "binary" && expr.op === "product";

/** x ± y of floats. Of two products the right one is fused: which one may not depend on the C compiler, or on what stands beside. */
function sumText(expr: Binary, scope: Scope, index: boolean): Text {
  const { op, x, y } = expr;
  const child = (part: Expr): Text => print(part, scope, index);
  const negated = (text: Text): Text => ({ text: `-${inside(text, precedence.primary)}`, binds: precedence.unary });
  const signed = (text: Text): Text => (op === "sub" ? negated(text) : text);
  if (isProduct(y)) return call(scope.prelude.use("fused_f32"), signed(child(y.x)), child(y.y), child(x));
  if (isProduct(x)) return call(scope.prelude.use("fused_f32"), child(x.x), child(x.y), signed(child(y)));
  return infix(child(x), op === "sub" ? "-" : "+", child(y), precedence.add);
}

const operators = {
  add: ["+", precedence.add],
  sub: ["-", precedence.add],
  mul: ["*", precedence.multiply],
} as const;
const isOperator = (op: KernelBinary): op is keyof typeof operators => op in operators;

function binaryText({ op, dtype }: Binary, x: Text, y: Text, scope: Scope): Text {
  const { prelude } = scope;
  const float = isFloat(dtype);
  if (op === "product") return infix(x, "*", y, precedence.multiply);
  if (isOperator(op)) {
    if (dtype === "i32") return call(prelude.use(`${op}_i32`), x, y);
    const [operator, binds] = operators[op];
    return wrapped(infix(x, operator, y, binds), dtype, scope);
  }
  if (op === "div" && float) return infix(x, "/", y, precedence.multiply);
  const type = float ? "f32" : dtype === "u32" ? "u32" : "i32";
  const name: SnippetName | "div_f32" = `${op}_${type}`;
  if (name === "div_f32") throw new TypeError("unreachable: float division is an operator");
  const text = call(prelude.use(name), x, y);
  return op === "max" || op === "min" || dtype === "bool" ? text : wrapped(text, dtype, scope);
}

/** Made of loops and sizes alone, and so never negative; what comes from data may be anything, in an address as well. */
function isPosition(expr: Expr, scope: Scope): boolean {
  switch (expr.kind) {
    case "number":
    case "index":
    case "param":
      return true;
    case "local":
      return scope.intervals.has(expr.name);
    case "binary":
      return isPosition(expr.x, scope) && isPosition(expr.y, scope);
    case "compare":
      return isPosition(expr.x, scope) && isPosition(expr.y, scope);
    case "select":
      return [expr.when, expr.then, expr.else].every((part) => isPosition(part, scope));
    default:
      return false;
  }
}

/** i32 arithmetic without wrapping: in an address, or where the operands are known well enough. */
function isPlain(expr: Binary, index: boolean, { intervals }: Scope): boolean {
  if (expr.dtype !== "i32") return false;
  if (index) return true;
  if (expr.op === "div" || expr.op === "mod") {
    return (intervalOf(expr.x, intervals)?.[0] ?? -1) >= 0 && (intervalOf(expr.y, intervals)?.[0] ?? -1) > 0;
  }
  return intervalOf(expr, intervals) !== undefined;
}

function plainBinary(expr: Binary, x: Text, y: Text, scope: Scope): Text {
  const { op } = expr;
  if (isOperator(op)) return infix(x, operators[op][0], y, operators[op][1]);
  if (op === "div") return call(scope.prelude.use("quotient"), x, y);
  if (op === "mod") return call(scope.prelude.use("remainder_of"), x, y);
  return binaryText(expr, x, y, scope);
}

function compareText(expr: Extract<Expr, { kind: "compare" }>, scope: Scope, index: boolean): Text {
  const { op, x, y } = expr;
  const negated = op === "eq" && y.kind === "number" && y.dtype === "bool" && y.value === 0;
  if (negated && x.kind === "compare" && x.op === "lt" && !isFloat(dtypeOf(x.x))) {
    return infix(print(x.x, scope, index), ">=", print(x.y, scope, index), precedence.less);
  }
  if (negated && x.kind === "compare" && x.op === "eq") {
    return infix(print(x.x, scope, index), "!=", print(x.y, scope, index), precedence.equal);
  }
  if (negated) return { text: `!${inside(print(x, scope, index), precedence.primary)}`, binds: precedence.unary };
  const [operator, binds] = op === "lt" ? (["<", precedence.less] as const) : (["==", precedence.equal] as const);
  return infix(print(x, scope, index), operator, print(y, scope, index), binds);
}

function bitsText(op: BitsName, x: Text, y: Text, dtype: DType, scope: Scope): Text {
  const signed = dtype !== "u32";
  switch (op) {
    case "and":
      return infix(x, "&", y, precedence.and);
    case "or":
      return infix(x, "|", y, precedence.or);
    case "xor":
      return infix(x, "^", y, precedence.xor);
    case "shl": {
      const shifted = call(scope.prelude.use("shl_u32"), x, y);
      return wrapped(signed ? { text: `(int32_t)${shifted.text}`, binds: precedence.unary } : shifted, dtype, scope);
    }
    case "shr":
      return call(scope.prelude.use(signed ? "shr_i32" : "shr_u32"), x, y);
  }
}

/** The functions that cut floats off to integers. */
const truncation = { i32: "i32_of_f32", u32: "u32_of_f32", i8: "i8_of_f32", u8: "u8_of_f32" } as const;

function castText(x: Text, from: DType, to: DType, scope: Scope): Text {
  const { prelude } = scope;
  const as = (type: string): Text => ({ text: `(${type})${inside(x, precedence.unary)}`, binds: precedence.unary });
  if (from === to) return x;
  if (to === "bool") return infix(x, "!=", primary(isFloat(from) ? "0.0f" : "0"), precedence.equal);
  if (to === "f32" || to === "f16" || to === "bf16") {
    const float = isFloat(from) ? x : as("float");
    if (to === "f16") return call(prelude.use("round_f16"), float);
    if (to === "bf16") return call(prelude.use("round_bf16"), float);
    return float;
  }
  if (isFloat(from)) return call(prelude.use(truncation[to]), x);
  if (to === "i8" || to === "u8") return wrapped(registerType[from] === "uint32_t" ? as("int32_t") : x, to, scope);
  return registerType[from] === registerType[to] ? x : as(registerType[to]);
}
