/** A binary floating-point format narrower than f64. */
interface Format {
  /** Bits of the fraction that are stored. */
  readonly fractionBits: number;
  /** Exponent of the smallest normal number. */
  readonly minExponent: number;
  /** Exponent of the largest finite number. */
  readonly maxExponent: number;
}

const f16: Format = { fractionBits: 10, minExponent: -14, maxExponent: 15 };
const bf16: Format = { fractionBits: 7, minExponent: -126, maxExponent: 127 };

/** Adding and subtracting 1.5·2^52 rounds a number below 2^51 to an integer, ties to even: the f64 adder does it. */
const roundingConstant = 1.5 * 2 ** 52;

const asFloat = new Float64Array(1);
const asWords = new Uint32Array(asFloat.buffer); // little-endian, as on every machine that runs JavaScript

/** The exponent of the leading bit of a normal f64. */
function exponentOf(value: number): number {
  asFloat[0] = value;
  return ((asWords[1]! >>> 20) & 0x7ff) - 1023;
}

/** `value` rounded to the nearest number of `format`, ties to even; beyond the largest, infinity. */
function round(value: number, { fractionBits, minExponent, maxExponent }: Format): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const quantum = 2 ** (Math.max(exponentOf(value), minExponent) - fractionBits);
  // The constant's sign rule gives +0 for tiny negative numbers, so the magnitude is rounded.
  const rounded = (Math.abs(value) / quantum + roundingConstant - roundingConstant) * quantum;
  return Math.sign(value) * (rounded >= 2 ** (maxExponent + 1) ? Number.POSITIVE_INFINITY : rounded);
}

/** The 16 bits of `value`, which is rounded first. */
function encode(value: number, format: Format): number {
  const { fractionBits, minExponent, maxExponent } = format;
  const infinity = (maxExponent - minExponent + 2) << fractionBits;
  if (Number.isNaN(value)) return infinity | (1 << (fractionBits - 1));
  const rounded = round(value, format);
  const sign = rounded < 0 || Object.is(rounded, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(rounded);
  if (magnitude === Number.POSITIVE_INFINITY) return sign | infinity;
  if (magnitude < 2 ** minExponent) return sign | (magnitude * 2 ** (fractionBits - minExponent));
  const exponent = exponentOf(magnitude);
  const fraction = (magnitude / 2 ** exponent - 1) * 2 ** fractionBits;
  return sign | ((exponent - minExponent + 1) << fractionBits) | fraction;
}

function decode(bits: number, { fractionBits, minExponent, maxExponent }: Format): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const fraction = bits & ((1 << fractionBits) - 1);
  const biased = (bits & 0x7fff) >>> fractionBits;
  if (biased === 0) return sign * fraction * 2 ** (minExponent - fractionBits);
  if (biased === maxExponent - minExponent + 2) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction * 2 ** -fractionBits) * 2 ** (biased + minExponent - 1);
}

/** `value` rounded to the nearest f16 (IEEE 754 binary16), ties to even. */
export const roundToF16 = (value: number): number => round(value, f16);
/** `value` rounded to the nearest bf16 (the upper half of an f32), ties to even. */
export const roundToBf16 = (value: number): number => round(value, bf16);
/** The 16 bits of the f16 nearest to `value`. */
export const f16ToBits = (value: number): number => encode(value, f16);
/** The 16 bits of the bf16 nearest to `value`. */
export const bf16ToBits = (value: number): number => encode(value, bf16);
/** The number that 16 bits mean as f16. */
export const f16FromBits = (bits: number): number => decode(bits, f16);
/** The number that 16 bits mean as bf16. */
export const bf16FromBits = (bits: number): number => decode(bits, bf16);
