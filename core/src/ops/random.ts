import { type DType, isFloat, rangeOf } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { add, clip, div, minimum, mul, neg } from "./arithmetic.ts";
import { normalizeAxis } from "./axes.ts";
import { type Operand, requireFloat, toNode } from "./broadcast.ts";
import { less, where } from "./compare.ts";
import { erfinv, log } from "./exponential.ts";
import { bits } from "./keys.ts";
import { broadcastTo, moveAxis } from "./movement.ts";
import { argmax } from "./order.ts";

export { bits, fold, key, split } from "./keys.ts";

// All of these are functions of a key: the same key gives the same numbers. Floats are made in f32 and rounded at the end.

export interface UniformOptions {
  readonly low?: number;
  readonly high?: number;
  readonly dtype?: DType;
}

/** Uniform floats with `low` ≤ x < `high`: multiples of 2⁻²⁴ (the top 24 bits), scaled. */
export function uniform(key: Node, shape: Shape, { low = 0, high = 1, dtype = "f32" }: UniformOptions = {}): Node {
  floatDtype("uniform", dtype);
  if (!(low < high && Number.isFinite(high - low)))
    throw new ArgumentError(`random.uniform: no range from ${low} to ${high}`);
  const unit = mul(build.cast(shift(bits(key, shape), 8), "f32"), 2 ** -24);
  // Scaling may round up to `high` itself, which does not belong to the range; 2⁻²⁴ steps from 0 in f32 cannot.
  if (low === 0 && high === 1 && dtype === "f32") return unit;
  return build.cast(minimum(add(mul(unit, high - low), low), below(high, dtype)), dtype);
}

/** Mantissa bits (with the hidden one) of the float dtypes. */
const precision: { readonly [D in DType]?: number } = { f32: 24, f16: 11, bf16: 8 };

/** A number of `dtype` just less than `value`: the next one, or 2⁻²⁴ (the least of f16) below values near 0. */
function below(value: number, dtype: DType): number {
  const digits = precision[dtype] ?? 24;
  if (Math.abs(value) < 2 ** -14) return value - 2 ** -24;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  // Just below a positive power of two the steps are half as long.
  const step = 2 ** (exponent - digits + (value === 2 ** exponent ? 0 : 1));
  return Math.max(rangeOf[dtype][0], (Math.ceil(value / step) - 1) * step);
}

export interface NormalOptions {
  readonly mean?: number;
  readonly std?: number;
  readonly dtype?: DType;
}

/**
 * Normal floats by the inverse distribution function, √2·erfinv(u), with u an odd multiple of 2⁻²⁴ in (−1, 1): symmetric,
 * never infinite (|x| ≤ 5.42 standard deviations).
 */
export function normal(key: Node, shape: Shape, { mean = 0, std = 1, dtype = "f32" }: NormalOptions = {}): Node {
  floatDtype("normal", dtype);
  return scaled(mul(erfinv(symmetric(key, shape)), Math.SQRT2), mean, std, dtype);
}

export interface TruncatedNormalOptions extends NormalOptions {
  /** How many standard deviations from the mean are allowed. */
  readonly limit?: number;
}

/** Normal floats within `limit` standard deviations (2, as in Keras): exactly that distribution, by its inverse, without redrawing. */
export function truncatedNormal(
  key: Node,
  shape: Shape,
  { mean = 0, std = 1, limit = 2, dtype = "f32" }: TruncatedNormalOptions = {},
): Node {
  floatDtype("truncatedNormal", dtype);
  if (!(limit > 0 && limit <= 5))
    throw new ArgumentError(`random.truncatedNormal: the limit ${limit} is not in 0 < limit <= 5`);
  // P(|x| < limit) = erf(limit/√2): u is uniform in ±P instead of ±1.
  const inside = mul(erfinv(mul(symmetric(key, shape), erfOf(limit / Math.SQRT2))), Math.SQRT2);
  return scaled(clip(inside, -limit, limit), mean, std, dtype);
}

/** erf by its Maclaurin series, summed in f64: enough digits for 0 ≤ x ≤ 4 at f32 precision. */
function erfOf(x: number): number {
  let term = x;
  let total = x;
  for (let n = 1; Math.abs(term) > 1e-17 * total; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const scaled = (standard: Node, mean: number, std: number, dtype: DType): Node => {
  const wide = std === 1 ? standard : mul(standard, std);
  return build.cast(mean === 0 ? wide : add(wide, mean), dtype);
};

/** f32 in (−1, 1): k − 2²³ with k from 0 to 2²⁴ − 1, times 2, plus 1, over 2²⁴. All steps are exact. */
const symmetric = (key: Node, shape: Shape): Node =>
  mul(add(mul(add(build.cast(shift(bits(key, shape), 8), "f32"), -(2 ** 23)), 2), 1), 2 ** -24);

const shift = (x: Node, places: number): Node => build.bits("shr", x, build.fill(places, x));

/**
 * Whole numbers with `low` ≤ x < `high`: 32 random bits modulo the count. The bias is below count / 2³², so that no
 * experiment of fewer than about (2³² / count)² draws can see it.
 */
export function randint(key: Node, shape: Shape, low: number, high: number, dtype: DType = "i32"): Node {
  const [lowest, highest] = rangeOf[dtype];
  const valid = Number.isInteger(low) && Number.isInteger(high) && low < high && low >= lowest && high - 1 <= highest;
  if (isFloat(dtype) || !valid) throw new ArgumentError(`random.randint: no ${dtype} range from ${low} to ${high}`);
  const drawn = bits(key, shape);
  const count = high - low;
  const offset = count === 2 ** 32 ? drawn : build.binary("mod", drawn, build.fill(count, drawn));
  // Added in u32, where the sum wraps around to the right bits also when low is negative.
  return build.cast(build.binary("add", offset, build.fill(low >>> 0, drawn)), dtype);
}

/** bool: true with probability `p`. */
export function bernoulli(key: Node, p: Operand = 0.5, shape?: Shape): Node {
  const chance = toNode(p);
  requireFloat("random.bernoulli", chance);
  const size = shape ?? chance.shape;
  return less(uniform(key, size), broadcastTo(build.cast(chance, "f32"), size));
}

/** i32 classes drawn with probabilities softmax(logits) along `axis`: one for each row, or `samples` as a new last axis. */
export function categorical(
  key: Node,
  logits: Node,
  { axis = -1, samples }: { axis?: number; samples?: number } = {},
): Node {
  requireFloat("random.categorical", logits);
  const place = normalizeAxis("random.categorical", axis, logits.shape.length, logits);
  const rows = build.cast(moveAxis(logits, place, -1), "f32"); // [..., classes]
  const shape = samples === undefined ? rows.shape : [...rows.shape.slice(0, -1), samples, rows.shape.at(-1)!];
  const repeated = samples === undefined ? rows : broadcastTo(build.reshape(rows, shape.with(-2, 1)), shape);
  return argmax(add(repeated, gumbel(key, shape)), -1); // Gumbel 1954; "Gumbel-max trick"
}

/** Standard Gumbel floats, −log(−log u), with u an odd multiple of 2⁻²⁴ in (0, 1). */
export function gumbel(key: Node, shape: Shape): Node {
  const odd = add(mul(build.cast(shift(bits(key, shape), 9), "f32"), 2), 1);
  return neg(log(neg(log(mul(odd, 2 ** -24)))));
}

/** i32: the numbers from 0 to `count` − 1 in random order. */
export function permutation(key: Node, count: number): Node {
  if (!Number.isInteger(count) || count < 0) throw new ArgumentError(`random.permutation: ${count} is not a count`);
  return build.argsort(bits(key, [count]), 0);
}

/** `x` with its slices along `axis` in random order. */
export function shuffle(key: Node, x: Node, axis = 0): Node {
  const place = normalizeAxis("random.shuffle", axis, x.shape.length, x);
  return build.gather(x, permutation(key, x.shape[place]!), place);
}

/** `x` with elements set to 0 with probability `rate`, and the others divided by 1 − rate. `noiseShape` repeats along axes of size 1. */
export function dropout(key: Node, x: Node, rate: number, noiseShape: Shape = x.shape): Node {
  if (!(rate >= 0 && rate <= 1)) throw new ArgumentError(`random.dropout: the rate ${rate} is not in 0 to 1`);
  requireFloat("random.dropout", x);
  if (rate === 0) return x;
  if (rate === 1) return build.fill(0, x);
  if (noiseShape.length !== x.shape.length)
    throw shapeError(`random.dropout: the noise has ${noiseShape.length} axes`, [x]);
  const dropped = broadcastTo(less(uniform(key, noiseShape), rate), x.shape);
  return where(dropped, 0, div(x, 1 - rate));
}

function floatDtype(op: string, dtype: DType): void {
  if (!isFloat(dtype))
    throw new ArgumentError({ what: `random.${op}: dtype ${dtype} is no float`, hint: "randint makes integers" });
}
