import type { Lane, Lanes } from "../lanes.ts";

/** The f32 of f16 bits (in the low half of an i32). */
export function widenHalf(lanes: Lanes, bits: Lane<"i32">): Lane<"f32"> {
  const sign = lanes.shiftLeft(lanes.and(bits, 0x8000), 16);
  const magnitude = lanes.shiftLeft(lanes.and(bits, 0x7fff), 13);
  // Read as an f32, the fields have an exponent that is too small by 127 − 15; the product is exact, also for subnormals.
  const scaled = lanes.bitsOf(lanes.mul(lanes.fromBits(magnitude), 2 ** 112));
  const special = lanes.less(lanes.constant("i32", (0x7c00 << 13) - 1), magnitude);
  return lanes.fromBits(lanes.or(lanes.select(special, lanes.or(magnitude, 0x7f800000), scaled, "i32"), sign));
}

/** f16 bits nearest to x, ties to even. */
export function narrowHalf(lanes: Lanes, x: Lane<"f32">): Lane<"i32"> {
  const bits = lanes.bitsOf(x);
  const magnitude = lanes.and(bits, 0x7fffffff);
  // Subnormal halves: adding 0.5 aligns the lowest bit of the half with that of the sum, and the adder rounds.
  const small = lanes.sub(lanes.bitsOf(lanes.add(lanes.abs(x), 0.5)), 126 << 23);
  const odd = lanes.and(lanes.shiftRight(magnitude, 13), 1);
  const normal = lanes.shiftRight(lanes.add(lanes.add(magnitude, ((15 - 127) << 23) + 0xfff), odd), 13);
  const finite = lanes.select(lanes.less(magnitude, 113 << 23), small, normal, "i32");
  const bounded = lanes.select(lanes.less(magnitude, 143 << 23), finite, 0x7c00, "i32");
  const isNumber = lanes.less(magnitude, 0x7f800001);
  const value = lanes.select(isNumber, bounded, 0x7e00, "i32");
  return lanes.or(value, lanes.and(lanes.shiftRightUnsigned(bits, 16), 0x8000));
}

/** The f32 of bf16 bits. */
export const widenBrain = (lanes: Lanes, bits: Lane<"i32">): Lane<"f32"> => lanes.fromBits(lanes.shiftLeft(bits, 16));

/** bf16 bits nearest to x, ties to even. */
export function narrowBrain(lanes: Lanes, x: Lane<"f32">): Lane<"i32"> {
  const bits = lanes.bitsOf(x);
  const odd = lanes.and(lanes.shiftRight(bits, 16), 1);
  const rounded = lanes.shiftRightUnsigned(lanes.add(lanes.add(bits, 0x7fff), odd), 16);
  const sign = lanes.and(lanes.shiftRightUnsigned(bits, 16), 0x8000);
  return lanes.select(lanes.ne(x, x), lanes.or(sign, 0x7fc0), rounded, "i32" as const);
}
