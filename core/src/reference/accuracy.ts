import type { UnaryOp } from "../graph/primitives.ts";
import { erf, gelu, geluDerivative } from "./scalar.ts";

// What the accuracy tests of all compiled devices share: the true values, points where functions are hard, and the distance.

/** The functions that devices approximate. */
export type ApproximateOp = Exclude<UnaryOp, "neg" | "floor">;

interface Approximate {
  /** The function, to f64's accuracy. */
  readonly meaning: (x: number) => number;
  /** Where most values of programs lie: half of the points. */
  readonly ordinary: readonly [number, number];
  /** Where formulas meet, results become subnormal, overflow, or cancel: looked at float by float. */
  readonly hard: readonly number[];
  /** An error that counts as one, where that is more than one unit of the last place. */
  readonly unit?: (x: number) => number;
}

const multiples = (step: number, count: number): number[] =>
  Array.from({ length: 2 * count + 1 }, (_, index) => (index - count) * step);
const bothSigns = (values: readonly number[]): number[] => values.flatMap((value) => [value, -value]);
const aroundOne = [Math.SQRT1_2, 1, Math.SQRT2, 0.5, 2];

export const approximate: { readonly [Op in ApproximateOp]: Approximate } = {
  exp: {
    meaning: Math.exp,
    ordinary: [-105, 90],
    hard: [...multiples(Math.LN2 / 2, 300), 88.7228, -87.3365, -103.972],
  },
  expm1: { meaning: Math.expm1, ordinary: [-18, 20], hard: [...multiples(Math.LN2 / 2, 256), -17.33, 88.7228] },
  log: { meaning: Math.log, ordinary: [0, 4], hard: [...aroundOne, 2 ** -126] },
  log1p: { meaning: Math.log1p, ordinary: [-1, 4], hard: [-1, ...bothSigns(aroundOne.map((x) => x - 1)), 2 ** -24] },
  sqrt: { meaning: Math.sqrt, ordinary: [0, 100], hard: [1, 2, 4, 2 ** -126] },
  sin: { meaning: Math.sin, ordinary: [-100, 100], hard: [...multiples(Math.PI / 4, 400), 1.5e6, 2 ** 24, 2 ** 64] },
  cos: { meaning: Math.cos, ordinary: [-100, 100], hard: [...multiples(Math.PI / 4, 400), 1.5e6, 2 ** 24, 2 ** 64] },
  atan: { meaning: Math.atan, ordinary: [-8, 8], hard: bothSigns([1, Math.SQRT2 - 1, Math.SQRT2 + 1]) },
  tanh: { meaning: Math.tanh, ordinary: [-10, 10], hard: bothSigns([0.625, 9.0109, 10, 2 ** -12]) },
  erf: { meaning: erf, ordinary: [-4.5, 4.5], hard: bothSigns([0.92, 1.14, 3.8325, 3.93, 4, 2 ** -12]) },
  // Φ to 2⁻²²·√Φ + 2⁻³⁰: that is 3 units of the last place near 0, and still five digits at −4, where ½x·(1 + erf) has three.
  gelu: {
    meaning: gelu,
    ordinary: [-8, 8],
    hard: bothSigns([0.5, 1, 5, 6, 7.536, 2 ** -12]),
    unit: (x) => Math.abs(x) * (2 ** -23 * Math.sqrt(gelu(x) / x) + 2 ** -31),
  },
  // Half of it is ½, from which both tails are reached: its error is one of 1, not of the little that is left at −4.
  geluDerivative: {
    meaning: geluDerivative,
    ordinary: [-8, 8],
    hard: bothSigns([0.5, 0.75179, 1, 5, 6, 7.536, 2 ** -12]),
    unit: () => 2 ** -23,
  },
};

const word = new Float32Array(1);
const bitsOfWord = new Int32Array(word.buffer);

/** The f32 that lies `steps` floats above x. */
function neighbour(x: number, steps: number): number {
  word[0] = x;
  bitsOfWord[0] = bitsOfWord[0]! + steps;
  return word[0]!;
}

/** Values that every implementation must get right, NaN, both zeros and infinities among them. */
export const specialValues: readonly number[] = bothSigns([
  0,
  1,
  2,
  0.5,
  3,
  Number.POSITIVE_INFINITY,
  Number.NaN,
  2 ** -149,
  2 ** -126,
  2 ** -25,
  2 ** -24,
  16777215,
  16777216,
  3.4028234663852886e38,
  Math.PI,
  88.73,
  104.1,
  150,
  1e-30,
  1e30,
]);

const neighbours = 24;

/** `count` points in a fixed order: special values, the floats around hard places, every binade evenly, the ordinary range. */
export function accuracyPoints(op: ApproximateOp, count: number): Float32Array {
  const { ordinary, hard } = approximate[op];
  const points = new Float32Array(count);
  points.set(specialValues);
  let next = specialValues.length;
  for (const x of hard) {
    for (let steps = -neighbours; steps <= neighbours; steps++) points[next++] = neighbour(x, steps);
  }
  const bits = new Int32Array(points.buffer);
  const half = next + Math.floor((count - next) / 2);
  // Weyl sequences: spread evenly, never the same twice.
  let mantissa = 12345;
  for (let binade = 0; next < half; binade++) {
    mantissa = (mantissa + 0x9e3779b1) | 0;
    bits[next++] = ((binade & 1) << 31) | (((binade >> 1) % 255) << 23) | (mantissa >>> 9);
  }
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let place = 0.5; next < count; place = (place + golden) % 1) {
    points[next++] = ordinary[0] + (ordinary[1] - ordinary[0]) * place;
  }
  return points;
}

/** Floats in the order of their values as integers, so that differences count steps between neighbours. */
function ordered(value: number): number {
  word[0] = value;
  const bits = bitsOfWord[0]!;
  return bits < 0 ? -2147483648 - bits : bits;
}

/**
 * Distance of an f32 result from the true value in units of the last place of the f32 nearest to it; infinite where one of them
 * is NaN and the other is not, or where a zero has the wrong sign.
 */
export function ulpsFrom(result: number, truth: number): number {
  if (Number.isNaN(truth) || Number.isNaN(result)) return Number.isNaN(truth) && Number.isNaN(result) ? 0 : Infinity;
  const nearest = Math.fround(truth);
  if (nearest === 0 && result === 0 && !Object.is(nearest, result)) return Infinity;
  if (!Number.isFinite(nearest) || !Number.isFinite(result)) return Math.abs(ordered(nearest) - ordered(result));
  word[0] = nearest;
  const exponent = Math.max(1, (bitsOfWord[0]! >> 23) & 255);
  return Math.abs(result - truth) / 2 ** (exponent - 150);
}

/** The worst distance of `results` from the true values at `points`, and where it is. */
export function worstOf(
  op: ApproximateOp,
  points: Float32Array,
  results: Float32Array,
): { readonly ulps: number; readonly at: number } {
  const { meaning, unit } = approximate[op];
  let [ulps, at] = [0, 0];
  for (let index = 0; index < points.length; index++) {
    const x = points[index]!;
    const [result, truth] = [results[index]!, meaning(x)];
    const error = Math.abs(result - truth);
    const last = ulpsFrom(result, truth);
    const distance = unit === undefined || !(error > 0) ? last : Math.min(last, error / unit(x));
    if (distance > ulps) [ulps, at] = [distance, points[index]!];
  }
  return { ulps, at };
}

/** All approximated functions. */
export const approximateOps = Object.keys(approximate) as readonly ApproximateOp[]; // the keys of a mapped type
