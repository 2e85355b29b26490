import { bytesPerElement, type DType, isFloat, rangeOf } from "../../base/dtype.ts";
import { dtypeOf, isMagnitude, isNumber } from "../../kernel/build.ts";
import type { Address, Expr } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { type Context, lookup, prepared, registerOf } from "./context.ts";
import { factsOf } from "./facts.ts";
import { pushFused } from "./fused.ts";
import type { MathName } from "./math/functions.ts";

/** Appends code that leaves the value of `expr` on the stack: f32 for floats, i32 for everything else. */
export function scalar(context: Context, expr: Expr): void {
  const { writer, library } = context;
  if (expr.kind !== "number") {
    const ready = prepared(context, keyOf(expr), (loop) => loop.scalars);
    if (ready !== undefined) {
      writer.get(ready);
      return;
    }
  }
  switch (expr.kind) {
    case "number":
      if (isFloat(expr.dtype)) writer.f32(expr.value);
      else writer.i32(expr.value);
      return;
    case "index":
      pushIndex(context, expr.name);
      return;
    case "param":
      writer.get(lookup(context.params, expr.name, "param"));
      return;
    case "local":
      pushLocal(context, expr.name);
      return;
    case "load":
      pushLoad(context, expr);
      return;
    case "unary":
      pushUnary(context, expr);
      return;
    case "binary":
      pushBinary(context, expr);
      return;
    case "compare":
      scalar(context, expr.x);
      scalar(context, expr.y);
      if (isFloat(dtypeOf(expr.x))) writer.op(expr.op === "lt" ? "f32.lt" : "f32.eq");
      else if (expr.op === "eq") writer.op("i32.eq");
      else writer.op(dtypeOf(expr.x) === "u32" ? "i32.lt_u" : "i32.lt_s");
      return;
    case "bits":
      pushBits(context, expr);
      return;
    case "select":
      pushSelect(context, expr);
      return;
    case "cast":
      scalar(context, expr.x);
      castScalar(context, dtypeOf(expr.x), expr.dtype);
      return;
    case "bitcast":
      scalar(context, expr.x);
      if (dtypeOf(expr.x) === "f32") writer.op("i32.reinterpret_f32");
      else if (expr.dtype === "f32") writer.op("f32.reinterpret_i32");
      return;
    case "threefry":
      scalar(context, expr.key0);
      scalar(context, expr.key1);
      scalar(context, expr.counter);
      writer.call(library.math("threefry", 1));
      return;
    default:
      expr satisfies never;
  }
}

/** True when the i32 value of `expr` is known not to be negative. */
export function natural(context: Context, expr: Expr): boolean {
  switch (expr.kind) {
    case "number":
      return expr.value >= 0;
    case "index":
      return context.natural.has(expr.name);
    case "param":
      return true;
    case "local":
      return context.natural.has(expr.name);
    case "binary":
      return (
        (expr.op === "add" ||
          expr.op === "mul" ||
          expr.op === "div" ||
          expr.op === "mod" ||
          expr.op === "min" ||
          expr.op === "max") &&
        natural(context, expr.x) &&
        natural(context, expr.y)
      );
    case "select":
      return natural(context, expr.then) && natural(context, expr.else);
    default:
      return false;
  }
}

/** The value of an i32 expression that is known while writing. */
function constantOf(context: Context, expr: Expr): number | undefined {
  if (isNumber(expr)) return expr.value;
  if (expr.kind === "index") return context.constants.get(expr.name);
  if (expr.kind !== "binary" || (expr.op !== "mul" && expr.op !== "add")) return undefined;
  const x = constantOf(context, expr.x);
  const y = x === undefined ? undefined : constantOf(context, expr.y);
  if (x === undefined || y === undefined) return undefined;
  return expr.op === "mul" ? x * y : x + y;
}

function pushIndex(context: Context, name: string): void {
  const { writer, vector } = context;
  const constant = context.constants.get(name);
  if (constant !== undefined) {
    writer.i32(constant);
    return;
  }
  writer.get(lookup(context.indices, name, "index"));
  if (vector === undefined || vector.index !== name) return;
  const ahead = vector.shift + (vector.lane ?? 0);
  if (ahead !== 0) writer.i32(ahead).op("i32.add");
}

function pushLocal(context: Context, name: string): void {
  const { local, dtype, vector } = lookup(context.locals, name, "local");
  context.writer.get(local);
  if (!vector) return;
  const lane = context.vector?.lane ?? 0;
  context.writer.lane(isFloat(dtype) ? "f32x4.extract_lane" : "i32x4.extract_lane", lane);
  if (dtype === "bool") context.writer.i32(1).op("i32.and");
}

/** Pushes an address; returns the bytes to add to it in the memory argument. */
export function pushAddress(context: Context, { buffer, at }: Address): number {
  const { writer } = context;
  const { local, dtype } = lookup(context.buffers, buffer, "buffer");
  const size = bytesPerElement[dtype];
  const pointer = prepared(context, addressKey(buffer, at), (loop) => loop.pointers);
  if (pointer !== undefined) {
    writer.get(pointer.local);
    if (pointer.strideBytes !== 0) {
      writer.get(pointer.induction);
      scaleBy(context, pointer.strideBytes);
      writer.op("i32.add");
    }
    const { vector } = context;
    if (vector === undefined || vector.induction !== pointer.induction) return pointer.ahead;
    const ahead = pointer.ahead + (vector.shift + (vector.lane ?? 0)) * pointer.strideBytes;
    if (ahead >= 0 && pointer.natural) return ahead;
    if (ahead === 0) return 0;
    writer.i32(ahead).op("i32.add");
    return 0;
  }
  writer.get(local);
  const constant = constantOf(context, at);
  if (constant !== undefined && constant >= 0) return constant * size;
  // The memory argument does not wrap around: a constant part goes there only when the rest is not negative.
  if (at.kind === "binary" && at.op === "add" && natural(context, at.x)) {
    const ahead = constantOf(context, at.y);
    if (ahead !== undefined && ahead >= 0) {
      scalar(context, at.x);
      scaleBy(context, size);
      writer.op("i32.add");
      return ahead * size;
    }
  }
  scalar(context, at);
  scaleBy(context, size);
  writer.op("i32.add");
  return 0;
}

export const addressKey = (buffer: string, at: Expr): string => `${buffer}|${keyOf(at)}`;

/** Multiplies the i32 on the stack by a constant. */
export function scaleBy({ writer }: Context, factor: number): void {
  if (factor === 1) return;
  if (factor === 2) writer.i32(1).op("i32.shl");
  else if (factor === 4) writer.i32(2).op("i32.shl");
  else writer.i32(factor).op("i32.mul");
}

function pushLoad(context: Context, { buffer, at, dtype }: Extract<Expr, { kind: "load" }>): void {
  const { writer, library } = context;
  const offset = pushAddress(context, { buffer, at });
  switch (dtype) {
    case "f32":
      writer.memory("f32.load", offset);
      return;
    case "i32":
    case "u32":
      writer.memory("i32.load", offset);
      return;
    case "f16":
      writer.memory("i32.load16_u", offset).call(library.math("widenHalf", 1));
      return;
    case "bf16":
      writer.memory("i32.load16_u", offset).i32(16).op("i32.shl", "f32.reinterpret_i32");
      return;
    case "i8":
      writer.memory("i32.load8_s", offset);
      return;
    case "u8":
    case "bool":
      writer.memory("i32.load8_u", offset);
      return;
    default:
      dtype satisfies never;
  }
}

/** Stores the value of `value` as the buffer's dtype keeps it. */
export function storeScalar(context: Context, to: Address, value: Expr): void {
  const { writer, library } = context;
  const { dtype } = lookup(context.buffers, to.buffer, "buffer");
  const offset = pushAddress(context, to);
  scalar(context, value);
  switch (dtype) {
    case "f32":
      writer.memory("f32.store", offset);
      return;
    case "i32":
    case "u32":
      writer.memory("i32.store", offset);
      return;
    case "f16":
      writer.call(library.math("narrowHalf", 1)).memory("i32.store16", offset);
      return;
    case "bf16":
      writer.call(library.math("narrowBrain", 1)).memory("i32.store16", offset);
      return;
    case "i8":
    case "u8":
    case "bool":
      writer.memory("i32.store8", offset);
      return;
    default:
      dtype satisfies never;
  }
}

function pushUnary(context: Context, { op, x, dtype }: Extract<Expr, { kind: "unary" }>): void {
  const { writer, library } = context;
  if (op === "neg" && !isFloat(dtype)) {
    writer.i32(0);
    scalar(context, x);
    writer.op("i32.sub");
    wrapScalar(context, dtype);
    return;
  }
  scalar(context, x);
  if (op === "neg") writer.op("f32.neg");
  else if (op === "sqrt") writer.op("f32.sqrt");
  else if (op === "floor") writer.op("f32.floor");
  else writer.call(library.math(op satisfies MathName, 1));
}

function pushBinary(context: Context, expr: Extract<Expr, { kind: "binary" }>): void {
  const { writer, library } = context;
  const { op, x, y, dtype } = expr;
  if (pushFused(context, expr, 1, scalar)) return;
  scalar(context, x);
  if (isMagnitude(expr)) {
    writer.op("f32.abs");
    return;
  }
  scalar(context, y);
  if (isFloat(dtype)) {
    if (op === "pow" || op === "mod") writer.call(library.math(op, 1));
    else writer.op(`f32.${op === "product" ? "mul" : op}`);
    return;
  }
  switch (op) {
    case "add":
    case "sub":
    case "mul":
      writer.op(`i32.${op}`);
      wrapScalar(context, dtype);
      return;
    case "div":
    case "mod": {
      const whole = dtype === "u32" || dtype === "u8" || (natural(context, x) && natural(context, y));
      if (whole && isNumber(y) && y.value !== 0) writer.op(op === "div" ? "i32.div_u" : "i32.rem_u");
      else if (whole) writer.call(library.integer(op === "div" ? "divideUnsigned" : "moduloUnsigned"));
      else writer.call(library.integer(op === "div" ? "divideSigned" : "moduloSigned"));
      wrapScalar(context, dtype);
      return;
    }
    case "max":
    case "min":
      pickInteger(context, op, dtype);
      return;
    default:
      throw new Error(`wasm renderer: ${op} has no integer form`);
  }
}

/** The larger or smaller of the two i32 on the stack. */
export function pickInteger({ writer }: Context, op: "max" | "min", dtype: DType): void {
  const left = writer.local("i32");
  const right = writer.local("i32");
  writer.set(right).tee(left).get(right).get(left).get(right);
  if (dtype === "u32") writer.op(op === "max" ? "i32.gt_u" : "i32.lt_u");
  else writer.op(op === "max" ? "i32.gt_s" : "i32.lt_s");
  writer.op("select");
  writer.release(left);
  writer.release(right);
}

/** Brings the i32 on the stack into the range of a narrow integer, modulo its width. */
export function wrapScalar({ writer }: Context, dtype: DType): void {
  if (dtype === "i8") writer.op("i32.extend8_s");
  else if (dtype === "u8") writer.i32(255).op("i32.and");
  else if (dtype === "bool") writer.i32(1).op("i32.and");
}

function pushBits(context: Context, { op, x, y, dtype }: Extract<Expr, { kind: "bits" }>): void {
  const { writer } = context;
  scalar(context, x);
  if (op === "and" || op === "or" || op === "xor") {
    scalar(context, y);
    writer.op(`i32.${op}`);
    return;
  }
  const shift = op === "shl" ? "i32.shl" : dtype === "u32" ? "i32.shr_u" : "i32.shr_s";
  if (isNumber(y)) {
    const count = y.value >= 0 && y.value <= 31 ? y.value : undefined;
    if (count !== undefined) writer.i32(count).op(shift);
    else writer.op("drop").i32(0);
  } else {
    // WebAssembly shifts modulo 32; a count outside 0 … 31 gives 0.
    const count = writer.local("i32");
    scalar(context, y);
    writer.set(count);
    writer.get(count).op(shift).i32(0).get(count).i32(32).op("i32.lt_u", "select");
    writer.release(count);
  }
  wrapScalar(context, dtype);
}

/** Loads and costly arithmetic are worth a branch; and guarded loads must not happen. */
const branchFree = (expr: Expr): boolean => {
  const { buffers, costly } = factsOf(expr);
  return buffers.size === 0 && !costly && size(expr) <= 6;
};

const size = (expr: Expr): number => keyOf(expr).split("(").length;

function pushSelect(context: Context, expr: Extract<Expr, { kind: "select" }>): void {
  const { writer } = context;
  if (branchFree(expr.then) && branchFree(expr.else)) {
    scalar(context, expr.then);
    scalar(context, expr.else);
    scalar(context, expr.when);
    writer.op("select");
    return;
  }
  scalar(context, expr.when);
  writer.if(
    registerOf(expr.dtype),
    () => scalar(context, expr.then),
    () => scalar(context, expr.else),
  );
}

/** Converts the value on the stack. */
export function castScalar(context: Context, from: DType, to: DType): void {
  const { writer, library } = context;
  if (from === to) return;
  if (to === "bool") {
    if (isFloat(from)) writer.f32(0).op("f32.ne");
    else writer.i32(0).op("i32.ne");
    return;
  }
  if (isFloat(to)) {
    if (!isFloat(from)) writer.op(from === "u32" ? "f32.convert_i32_u" : "f32.convert_i32_s");
    if (to === "f16") writer.call(library.math("narrowHalf", 1)).call(library.math("widenHalf", 1));
    if (to === "bf16") writer.call(library.math("narrowBrain", 1)).call(library.math("widenBrain", 1));
    return;
  }
  if (!isFloat(from)) {
    wrapScalar(context, to);
    return;
  }
  if (to === "u32") writer.op("i32.trunc_sat_f32_u");
  else writer.op("i32.trunc_sat_f32_s");
  if (to === "i8" || to === "u8") {
    const [low, high] = rangeOf[to];
    writer.i32(low);
    pickInteger(context, "max", "i32");
    writer.i32(high);
    pickInteger(context, "min", "i32");
  }
}
