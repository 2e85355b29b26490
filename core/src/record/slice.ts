import { f16FromBits, f16ToBits } from "../base/half.ts";
import type { Slice } from "./entry.ts";
import type { SliceHead } from "./measures.ts";

type Rest = Omit<SliceHead, "dtype" | "scale" | "offset">;

/** A slice in one byte a number, from its smallest to its largest: for pictures. Numbers that are not finite count as the smallest. */
export function bytesSlice(head: Rest, values: ArrayLike<number>): Slice {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const offset = Number.isFinite(low) ? low : 0;
  const scale = high > low ? (high - low) / 255 : 0;
  const data = Uint8Array.from(values, (value) =>
    scale === 0 || !Number.isFinite(value) ? 0 : Math.round((value - offset) / scale),
  );
  return { head: { ...head, dtype: "u8", scale, offset }, data };
}

/** A slice in two bytes a number: for probabilities. */
export function halvesSlice(head: Rest, values: ArrayLike<number>): Slice {
  const bits = Uint16Array.from(values, f16ToBits);
  return { head: { ...head, dtype: "f16" }, data: new Uint8Array(bits.buffer) };
}

/** A slice as it is. */
export function floatsSlice(head: Rest, values: ArrayLike<number>): Slice {
  return { head: { ...head, dtype: "f32" }, data: new Uint8Array(Float32Array.from(values).buffer) };
}

/** The numbers of a slice. */
export function sliceValues({ head, data }: Slice): Float32Array {
  const { dtype, scale = 1, offset = 0 } = head;
  if (dtype === "u8") return Float32Array.from(data, (byte) => offset + scale * byte);
  const bytes = data.slice(); // at the beginning of its own memory, where wider numbers may stand
  return dtype === "f32"
    ? new Float32Array(bytes.buffer)
    : Float32Array.from(new Uint16Array(bytes.buffer), f16FromBits);
}
