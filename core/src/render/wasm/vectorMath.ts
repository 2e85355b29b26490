import { type DType, isFloat } from "../../base/dtype.ts";
import type { AccumulateName } from "../../kernel/ir.ts";
import type { Context } from "./context.ts";
import { type Lane, Lanes } from "./lanes.ts";
import { inline, type MathName, mathFunctions } from "./math/functions.ts";

// Operations on vectors that are on the stack or in locals; what they hold is said in vector.ts.

/** Repeats the scalar on the stack in all lanes. */
export function splatScalar({ writer }: Context, dtype: DType): void {
  if (isFloat(dtype)) writer.op("f32x4.splat");
  else if (dtype === "bool") writer.op("i32x4.splat").i32x4(0).op("i32x4.ne");
  else writer.op("i32x4.splat");
}

export const kindOf = (dtype: DType): "f32" | "i32" => (isFloat(dtype) ? "f32" : "i32");

export function popLane(context: Context, kind: "f32" | "i32"): Lane<"f32" | "i32"> {
  const local = context.writer.local("v128");
  context.writer.set(local);
  return { kind, locals: [local] };
}

/** Applies a function of one argument to the vector on the stack. */
export function mathOnStack(context: Context, name: "widenHalf" | "narrowHalf" | "widenBrain" | "narrowBrain"): void {
  mathOnLanes(context, name, [popLane(context, name === "widenHalf" || name === "widenBrain" ? "i32" : "f32")]);
}

/** Functions are written in place: a call would spill every register of the loop. */
export function mathOnLanes(context: Context, name: MathName, args: readonly Lane<"f32" | "i32">[]): void {
  const { writer, library } = context;
  const lanes = new Lanes(writer, 4, library.relaxed);
  const callScalar = (): void => void writer.call(library.math(name, 1));
  const result =
    mathFunctions[name].forms === "scalar"
      ? lanes.eachLane(mathFunctions[name].result, args, callScalar)
      : inline(lanes, name, args, callScalar);
  lanes.push(result);
  for (const local of new Set([...args.flatMap(({ locals }) => locals), ...result.locals])) writer.release(local);
}

/** Brings i32 lanes into the range of a narrow integer, modulo its width. */
export function wrapVector({ writer }: Context, dtype: DType): void {
  if (dtype === "i8") writer.i32(24).op("i32x4.shl").i32(24).op("i32x4.shr_s");
  else if (dtype === "u8") writer.i32x4(255).op("v128.and");
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
