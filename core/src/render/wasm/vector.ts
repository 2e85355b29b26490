import { type DType, isFloat, rangeOf } from "../../base/dtype.ts";
import { dtypeOf, isNumber } from "../../kernel/build.ts";
import type { AccumulateName, Address, Expr } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { type Context, lookup, prepared } from "./context.ts";
import { factsOf, operandsOf } from "./facts.ts";
import { type Lane, Lanes } from "./lanes.ts";
import { inline, type MathName, mathFunctions } from "./math/functions.ts";
import { addressKey, pushAddress, scalar } from "./scalar.ts";

// Vectors of four iterations. Floats are f32x4; integers i32x4, kept in range; bool is a mask: all bits or none.

/** Appends code that leaves the values of `expr` in iterations i … i + 3 on the stack, as a v128. */
export function vector(context: Context, expr: Expr): void {
  const { writer } = context;
  if (expr.kind === "number") {
    pushConstant(context, expr.value, expr.dtype);
    return;
  }
  const splat = prepared(context, keyOf(expr), (loop) => loop.splats);
  if (splat !== undefined) {
    writer.get(splat);
    return;
  }
  if (!varies(context, expr)) {
    scalar(context, expr);
    splatScalar(context, dtypeOf(expr));
    return;
  }
  switch (expr.kind) {
    case "index": {
      const loop = context.vector!; // an index varies only in a vector loop
      writer.get(loop.induction).op("i32x4.splat");
      writer.v128([0, 1, 2, 3].flatMap((lane) => [loop.shift + lane, 0, 0, 0])).op("i32x4.add");
      return;
    }
    case "local":
      writer.get(lookup(context.locals, expr.name, "local").local);
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
      pushCompare(context, expr);
      return;
    case "bits":
      pushBits(context, expr);
      return;
    case "select":
      pushSelect(context, expr);
      return;
    case "cast":
      pushCast(context, expr);
      return;
    case "threefry":
      pushMath(context, "threefry", [expr.key0, expr.key1, expr.counter]);
      return;
    case "param":
      throw new Error("a param never varies");
    default:
      expr satisfies never;
  }
}

/** True when `expr` may differ between the four iterations. */
function varies(context: Context, expr: Expr): boolean {
  const loop = context.vector!; // only called in vector code
  for (const name of factsOf(expr).names) {
    if (name === loop.index || context.locals.get(name)?.vector === true) return true;
  }
  return false;
}

function pushConstant({ writer }: Context, value: number, dtype: DType): void {
  if (isFloat(dtype)) writer.f32x4(value);
  else writer.i32x4(dtype === "bool" ? -value : value);
}

/** Repeats the scalar on the stack in all lanes. */
export function splatScalar({ writer }: Context, dtype: DType): void {
  if (isFloat(dtype)) writer.op("f32x4.splat");
  else if (dtype === "bool") writer.op("i32x4.splat").i32x4(0).op("i32x4.ne");
  else writer.op("i32x4.splat");
}

/** The value of `expr` by the scalar code of each lane. */
function eachLane(context: Context, expr: Expr): void {
  const { writer } = context;
  const loop = context.vector!; // only called in vector code
  const dtype = dtypeOf(expr);
  const float = isFloat(dtype);
  for (let lane = 0; lane < 4; lane++) {
    loop.lane = lane;
    scalar(context, expr);
    if (lane === 0) writer.op(float ? "f32x4.splat" : "i32x4.splat");
    else writer.lane(float ? "f32x4.replace_lane" : "i32x4.replace_lane", lane);
  }
  loop.lane = undefined;
  if (dtype === "bool") writer.i32x4(0).op("i32x4.ne");
}

/** Bytes between the addresses of neighbouring iterations, when a loop has prepared the address. */
const strideOf = (context: Context, { buffer, at }: Address): number | undefined => {
  const pointer = prepared(context, addressKey(buffer, at), (loop) => loop.pointers);
  if (pointer === undefined) return undefined;
  return pointer.induction === context.vector!.induction ? pointer.strideBytes : 0; // only called in vector code
};

const readBytes = { f32: 4, i32: 4, u32: 4, f16: 2, bf16: 2, i8: 1, u8: 1, bool: 1 } as const satisfies Record<DType, number>;

function pushLoad(context: Context, expr: Extract<Expr, { kind: "load" }>): void {
  const { writer } = context;
  const { dtype } = expr;
  if (strideOf(context, expr) !== readBytes[dtype]) {
    eachLane(context, expr);
    return;
  }
  const offset = pushAddress(context, expr);
  switch (dtype) {
    case "f32":
    case "i32":
    case "u32":
      writer.memory("v128.load", offset);
      return;
    case "f16":
      writer.memory("v128.load16x4_u", offset);
      mathOnStack(context, "widenHalf");
      return;
    case "bf16":
      writer.memory("v128.load16x4_u", offset).i32(16).op("i32x4.shl");
      return;
    case "i8":
      writer.memory("v128.load32_zero", offset).op("i16x8.extend_low_i8x16_s", "i32x4.extend_low_i16x8_s");
      return;
    case "u8":
      writer.memory("v128.load32_zero", offset).op("i16x8.extend_low_i8x16_u", "i32x4.extend_low_i16x8_u");
      return;
    case "bool":
      writer.memory("v128.load32_zero", offset).op("i16x8.extend_low_i8x16_u", "i32x4.extend_low_i16x8_u");
      writer.i32x4(0).op("i32x4.ne");
      return;
    default:
      dtype satisfies never;
  }
}

/** Stores four iterations. */
export function storeVector(context: Context, to: Address, value: Expr): void {
  const { writer } = context;
  const loop = context.vector!; // only called in vector code
  const { dtype } = lookup(context.buffers, to.buffer, "buffer");
  if (strideOf(context, to) === readBytes[dtype]) {
    const offset = pushAddress(context, to);
    vector(context, value);
    packVector(context, dtype);
    if (readBytes[dtype] === 4) writer.memory("v128.store", offset);
    else if (readBytes[dtype] === 2) writer.laneMemory("v128.store64_lane", 0, offset);
    else writer.laneMemory("v128.store32_lane", 0, offset);
    return;
  }
  // Scattered: compute four values, store them one by one.
  const values = writer.local("v128");
  vector(context, value);
  toStorage(context, dtype);
  writer.set(values);
  for (let lane = 0; lane < 4; lane++) {
    loop.lane = lane;
    const offset = pushAddress(context, to);
    writer.get(values).lane(dtype === "f32" ? "f32x4.extract_lane" : "i32x4.extract_lane", lane);
    if (dtype === "f32") writer.memory("f32.store", offset);
    else writer.memory(readBytes[dtype] === 4 ? "i32.store" : readBytes[dtype] === 2 ? "i32.store16" : "i32.store8", offset);
  }
  loop.lane = undefined;
  writer.release(values);
}

/** Turns registers into the bits that memory keeps, one i32 (or f32) a lane. */
function toStorage(context: Context, dtype: DType): void {
  if (dtype === "f16") mathOnStack(context, "narrowHalf");
  else if (dtype === "bf16") mathOnStack(context, "narrowBrain");
  else if (dtype === "bool") context.writer.i32x4(1).op("v128.and");
}

/** Turns registers into what memory keeps, packed to the low end of the vector. */
function packVector(context: Context, dtype: DType): void {
  const { writer } = context;
  toStorage(context, dtype);
  if (readBytes[dtype] === 2) {
    const packed = writer.local("v128");
    writer.tee(packed).get(packed).op("i16x8.narrow_i32x4_u");
    writer.release(packed);
  } else if (readBytes[dtype] === 1) {
    writer.v128([0, 4, 8, 12, ...Array<number>(12).fill(0xff)]).op("i8x16.swizzle");
  }
}

const kindOf = (dtype: DType): "f32" | "i32" => (isFloat(dtype) ? "f32" : "i32");

/** Evaluates `expr` into a fresh local. */
function toLane(context: Context, expr: Expr): Lane<"f32" | "i32"> {
  vector(context, expr);
  return popLane(context, kindOf(dtypeOf(expr)));
}

function popLane(context: Context, kind: "f32" | "i32"): Lane<"f32" | "i32"> {
  const local = context.writer.local("v128");
  context.writer.set(local);
  return { kind, locals: [local] };
}

function pushMath(context: Context, name: MathName, args: readonly Expr[]): void {
  mathOnLanes(context, name, args.map((arg) => toLane(context, arg)));
}

/** Applies a function of one argument to the vector on the stack. */
function mathOnStack(context: Context, name: "widenHalf" | "narrowHalf" | "widenBrain" | "narrowBrain"): void {
  mathOnLanes(context, name, [popLane(context, name === "widenHalf" || name === "widenBrain" ? "i32" : "f32")]);
}

/** Functions are written in place: a call would spill every register of the loop. */
function mathOnLanes(context: Context, name: MathName, args: readonly Lane<"f32" | "i32">[]): void {
  const { writer, library } = context;
  const lanes = new Lanes(writer, 4);
  const callScalar = (): void => void writer.call(library.math(name, 1));
  const result = mathFunctions[name].scalarOnly
    ? lanes.eachLane(mathFunctions[name].result, args, callScalar)
    : inline(lanes, name, args, callScalar);
  lanes.push(result);
  for (const local of new Set([...args.flatMap(({ locals }) => locals), ...result.locals])) writer.release(local);
}

function pushUnary(context: Context, { op, x, dtype }: Extract<Expr, { kind: "unary" }>): void {
  const { writer } = context;
  if (op === "neg" && !isFloat(dtype)) {
    writer.i32x4(0);
    vector(context, x);
    writer.op("i32x4.sub");
    wrapVector(context, dtype);
  } else if (op === "neg" || op === "sqrt" || op === "floor") {
    vector(context, x);
    writer.op(`f32x4.${op}`);
  } else {
    pushMath(context, op, [x]);
  }
}

function pushBinary(context: Context, expr: Extract<Expr, { kind: "binary" }>): void {
  const { writer } = context;
  const { op, x, y, dtype } = expr;
  if (isFloat(dtype)) {
    if (op === "pow" || op === "mod") {
      pushMath(context, op, [x, y]);
      return;
    }
    vector(context, x);
    vector(context, y);
    writer.op(`f32x4.${op}`);
    return;
  }
  switch (op) {
    case "add":
    case "sub":
    case "mul":
      vector(context, x);
      vector(context, y);
      writer.op(`i32x4.${op}`);
      wrapVector(context, dtype);
      return;
    case "max":
    case "min":
      vector(context, x);
      vector(context, y);
      writer.op(dtype === "u32" ? `i32x4.${op}_u` : `i32x4.${op}_s`);
      return;
    case "div":
    case "mod":
      eachLane(context, expr);
      return;
    default:
      throw new Error(`wasm renderer: ${op} has no integer form`);
  }
}

/** Brings i32 lanes into the range of a narrow integer, modulo its width. */
function wrapVector({ writer }: Context, dtype: DType): void {
  if (dtype === "i8") writer.i32(24).op("i32x4.shl").i32(24).op("i32x4.shr_s");
  else if (dtype === "u8") writer.i32x4(255).op("v128.and");
}

function pushCompare(context: Context, { op, x, y }: Extract<Expr, { kind: "compare" }>): void {
  const { writer } = context;
  const dtype = dtypeOf(x);
  vector(context, x);
  vector(context, y);
  if (isFloat(dtype)) writer.op(op === "lt" ? "f32x4.lt" : "f32x4.eq");
  else if (op === "eq") writer.op("i32x4.eq");
  // A true mask is −1: the order of masks is the reverse of the order of 0 and 1.
  else if (dtype === "bool") writer.op("i32x4.gt_s");
  else writer.op(dtype === "u32" ? "i32x4.lt_u" : "i32x4.lt_s");
}

function pushBits(context: Context, expr: Extract<Expr, { kind: "bits" }>): void {
  const { writer } = context;
  const { op, x, y, dtype } = expr;
  if (op === "and" || op === "or" || op === "xor") {
    vector(context, x);
    vector(context, y);
    writer.op(`v128.${op}`);
    return;
  }
  if (!isNumber(y) || y.value < 0 || y.value > 31) {
    eachLane(context, expr);
    return;
  }
  vector(context, x);
  writer.i32(y.value).op(op === "shl" ? "i32x4.shl" : dtype === "u32" ? "i32x4.shr_u" : "i32x4.shr_s");
  wrapVector(context, dtype);
}

/** True when evaluating `expr` for a lane that does not need it is harmless and cheap. */
function harmless(context: Context, expr: Expr): boolean {
  if (!varies(context, expr)) return factsOf(expr).buffers.size === 0 || prepared(context, keyOf(expr), (l) => l.splats) !== undefined;
  if (expr.kind === "load") return false;
  if (expr.kind === "binary" && !isFloat(expr.dtype) && (expr.op === "div" || expr.op === "mod")) return false;
  return operandsOf(expr).every((operand) => harmless(context, operand));
}

function pushSelect(context: Context, expr: Extract<Expr, { kind: "select" }>): void {
  const { writer } = context;
  if (!varies(context, expr.when)) {
    scalar(context, expr.when);
    writer.if("v128", () => vector(context, expr.then), () => vector(context, expr.else));
    return;
  }
  if (harmless(context, expr.then) && harmless(context, expr.else)) {
    vector(context, expr.then);
    vector(context, expr.else);
    vector(context, expr.when);
    writer.op("v128.bitselect");
    return;
  }
  // Guards agree in nearly all groups of four (they mark borders): whole vectors then, single lanes at the border.
  const mask = writer.local("v128");
  vector(context, expr.when);
  writer.tee(mask).op("i32x4.all_true");
  writer.if(
    "v128",
    () => vector(context, expr.then),
    () => {
      writer.get(mask).op("v128.any_true");
      writer.if("v128", () => eachLane(context, expr), () => vector(context, expr.else));
    },
  );
  writer.release(mask);
}

function pushCast(context: Context, { x, dtype: to }: Extract<Expr, { kind: "cast" }>): void {
  const { writer } = context;
  const from = dtypeOf(x);
  vector(context, x);
  if (from === to) return;
  if (from === "bool") {
    if (isFloat(to)) writer.f32x4(1).op("v128.and");
    else writer.i32x4(1).op("v128.and");
    return;
  }
  if (to === "bool") {
    if (isFloat(from)) writer.f32x4(0).op("f32x4.ne");
    else writer.i32x4(0).op("i32x4.ne");
    return;
  }
  if (isFloat(to)) {
    if (!isFloat(from)) writer.op(from === "u32" ? "f32x4.convert_i32x4_u" : "f32x4.convert_i32x4_s");
    if (to === "f16") {
      mathOnStack(context, "narrowHalf");
      mathOnStack(context, "widenHalf");
    } else if (to === "bf16") {
      mathOnStack(context, "narrowBrain");
      mathOnStack(context, "widenBrain");
    }
    return;
  }
  if (!isFloat(from)) {
    wrapVector(context, to);
    return;
  }
  writer.op(to === "u32" ? "i32x4.trunc_sat_f32x4_u" : "i32x4.trunc_sat_f32x4_s");
  if (to !== "i8" && to !== "u8") return;
  const [low, high] = rangeOf[to];
  writer.i32x4(low).op("i32x4.max_s").i32x4(high).op("i32x4.min_s");
}

/** Combines the two vectors on the stack. */
export function combineVectors(context: Context, op: AccumulateName, dtype: DType): void {
  const { writer } = context;
  if (dtype === "bool") writer.op(op === "max" || op === "sum" ? "v128.or" : "v128.and");
  else if (isFloat(dtype)) writer.op(floatCombine[op]);
  else {
    if (op === "sum" || op === "prod") writer.op(op === "sum" ? "i32x4.add" : "i32x4.mul");
    else writer.op(dtype === "u32" ? `i32x4.${op}_u` : `i32x4.${op}_s`);
    wrapVector(context, dtype);
  }
}

const floatCombine = { sum: "f32x4.add", prod: "f32x4.mul", max: "f32x4.max", min: "f32x4.min" } as const;

/** Pushes one lane of a vector as the scalar that `dtype` has. */
export function pushLaneOf({ writer }: Context, local: number, dtype: DType, lane: number): void {
  writer.get(local).lane(isFloat(dtype) ? "f32x4.extract_lane" : "i32x4.extract_lane", lane);
  if (dtype === "bool") writer.i32(1).op("i32.and");
}

