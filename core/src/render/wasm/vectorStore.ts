import type { DType } from "../../base/dtype.ts";
import type { Address, Expr } from "../../kernel/ir.ts";
import { type Context, lookup } from "./context.ts";
import { pushAddress } from "./scalar.ts";
import { vector } from "./vector.ts";
import { readBytes, strideOf } from "./vectorLoad.ts";
import { mathOnStack } from "./vectorMath.ts";

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
    writer.get(values);
    if (readBytes[dtype] === 4) writer.laneMemory("v128.store32_lane", lane, offset);
    else writer.lane("i32x4.extract_lane", lane).memory(readBytes[dtype] === 2 ? "i32.store16" : "i32.store8", offset);
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
