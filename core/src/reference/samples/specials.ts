import { type DType, isFloat, rangeOf } from "../../base/dtype.ts";
import { type HostArray, hostArray, roundTo } from "../hostArray.ts";

const floatSpecials = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -3,
  1.5,
  -2.5,
  1e-3,
  -1e-3,
  10,
  -10,
  100,
  -100,
  1e5,
  Math.PI,
  -Math.PI / 2,
  0.9999999,
  1.0000001,
  5.5,
  -7.25,
  16,
  88,
  -87,
  89.5,
  -104,
  1e-7,
  -1e-7,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

/** Values at which implementations go wrong: signed zeros, NaN, infinities, denormals, limits, and some usual ones. */
export function specialValues(dtype: DType): number[] {
  if (dtype === "bool") return [0, 1];
  const [low, high] = rangeOf[dtype];
  if (!isFloat(dtype))
    return [0, 1, 2, 3, 7, 100, -1, -2, -7, -100, low, low + 1, high, high - 1].filter(
      (value) => value >= low && value <= high,
    );
  const denormal = dtype === "f16" ? 2 ** -24 : dtype === "bf16" ? 2 ** -133 : 2 ** -149;
  const normal = dtype === "f16" ? 2 ** -14 : 2 ** -126;
  return [...floatSpecials, denormal, -denormal, normal, -normal, normal - denormal, high, low].map(roundTo[dtype]);
}

/** Every value with every other: two arrays. */
export function pairs(dtype: DType, left: readonly number[], right: readonly number[]): [HostArray, HostArray] {
  const rows = left.flatMap((x) => right.map((y) => [x, y] as const));
  const column = (of: 0 | 1): HostArray =>
    hostArray(
      [rows.length],
      dtype,
      rows.map((row) => row[of]),
    );
  return [column(0), column(1)];
}
