import { type DType, isFloat, rangeOf } from "../../base/dtype.ts";
import { dtypeOf, isMagnitude, isNumber } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { operandsOf } from "../../kernel/operands.ts";
import { type Context, lookup, prepared } from "./context.ts";
import { factsOf } from "./facts.ts";
import { pushFused } from "./fused.ts";
import type { Lane } from "./lanes.ts";
import type { MathName } from "./math/functions.ts";
import { scalar } from "./scalar.ts";
import { eachLane, pushLoad } from "./vectorLoad.ts";
import { kindOf, mathOnLanes, mathOnStack, popLane, splatScalar, wrapVector } from "./vectorMath.ts";

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
    case "bitcast":
      vector(context, expr.x); // lanes have no types
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

/** Evaluates `expr` into a fresh local. */
function toLane(context: Context, expr: Expr): Lane<"f32" | "i32"> {
  vector(context, expr);
  return popLane(context, kindOf(dtypeOf(expr)));
}

function pushMath(context: Context, name: MathName, args: readonly Expr[]): void {
  mathOnLanes(
    context,
    name,
    args.map((arg) => toLane(context, arg)),
  );
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
    if (pushFused(context, expr, 4, vector) || pushBounded(context, expr)) return;
    vector(context, x);
    if (isMagnitude(expr)) {
      writer.op("f32x4.abs");
      return;
    }
    vector(context, y);
    writer.op(`f32x4.${op === "product" ? "mul" : op}`);
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

/** max(x, c) or min(x, c): NaN in x stays, and of two zeros max takes the positive one. Engines need eight instructions for any two operands. */
function pushBounded(context: Context, { op, x, y }: Extract<Expr, { kind: "binary" }>): boolean {
  const { writer } = context;
  if ((op !== "max" && op !== "min") || !isNumber(y) || Number.isNaN(y.value) || Object.is(y.value, -0)) return false;
  if (op === "max" && y.value === 0) {
    const local = writer.local("v128");
    vector(context, x);
    writer.tee(local).get(local).f32x4(0).op("f32x4.le", "v128.andnot");
    writer.release(local);
    return true;
  }
  vector(context, x);
  writer.f32x4(y.value).op(op === "max" ? "f32x4.pmax" : "f32x4.pmin");
  return true;
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
  if (!varies(context, expr))
    return factsOf(expr).buffers.size === 0 || prepared(context, keyOf(expr), (l) => l.splats) !== undefined;
  if (expr.kind === "load") return false;
  if (expr.kind === "binary" && !isFloat(expr.dtype) && (expr.op === "div" || expr.op === "mod")) return false;
  return operandsOf(expr).every((operand) => harmless(context, operand));
}

/** All bits zero. */
const isZero = (expr: Expr): boolean => isNumber(expr) && Object.is(expr.value, 0);

function pushSelect(context: Context, expr: Extract<Expr, { kind: "select" }>): void {
  const { writer } = context;
  if (!varies(context, expr.when)) {
    scalar(context, expr.when);
    writer.if(
      "v128",
      () => vector(context, expr.then),
      () => vector(context, expr.else),
    );
    return;
  }
  if (harmless(context, expr.then) && harmless(context, expr.else)) {
    if (isZero(expr.else)) {
      vector(context, expr.then);
      vector(context, expr.when);
      writer.op("v128.and");
    } else if (isZero(expr.then)) {
      vector(context, expr.else);
      vector(context, expr.when);
      writer.op("v128.andnot");
    } else {
      vector(context, expr.then);
      vector(context, expr.else);
      vector(context, expr.when);
      writer.op("v128.bitselect");
    }
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
      writer.if(
        "v128",
        () => eachLane(context, expr),
        () => vector(context, expr.else),
      );
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
