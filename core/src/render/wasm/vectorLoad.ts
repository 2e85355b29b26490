import { type DType, isFloat } from "../../base/dtype.ts";
import { dtypeOf } from "../../kernel/build.ts";
import type { Address, Expr } from "../../kernel/ir.ts";
import { type Context, prepared } from "./context.ts";
import { addressKey, pushAddress, scalar } from "./scalar.ts";
import { mathOnStack } from "./vectorMath.ts";

/** The value of `expr` by the scalar code of each lane. */
export function eachLane(context: Context, expr: Expr): void {
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
export const strideOf = (context: Context, { buffer, at }: Address): number | undefined => {
  const pointer = prepared(context, addressKey(buffer, at), (loop) => loop.pointers);
  if (pointer === undefined) return undefined;
  return pointer.induction === context.vector!.induction ? pointer.strideBytes : 0; // only called in vector code
};

export const readBytes = { f32: 4, i32: 4, u32: 4, f16: 2, bf16: 2, i8: 1, u8: 1, bool: 1 } as const satisfies Record<
  DType,
  number
>;

export function pushLoad(context: Context, expr: Extract<Expr, { kind: "load" }>): void {
  const { writer } = context;
  const { dtype } = expr;
  if (strideOf(context, expr) !== readBytes[dtype]) {
    if (readBytes[dtype] === 4) gather(context, expr);
    else eachLane(context, expr);
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

/** Reads four words from four addresses. */
function gather(context: Context, address: Address): void {
  const { writer } = context;
  const loop = context.vector!; // only called in vector code
  const values = writer.local("v128");
  for (let lane = 0; lane < 4; lane++) {
    loop.lane = lane;
    const offset = pushAddress(context, address);
    if (lane === 0) writer.memory("v128.load32_zero", offset);
    else writer.get(values).laneMemory("v128.load32_lane", lane, offset);
    writer.set(values);
  }
  loop.lane = undefined;
  writer.get(values);
  writer.release(values);
}
