import type { Lane, Lanes } from "../lanes.ts";
import { ln2High, ln2Low } from "./exponential.ts";

/** (2 atanh(s) / s − 2) / s² in s², for |s| ≤ 3 − 2√2. */
const inverseTangent = [0.6666666269302368, 0.40000346302986145, 0.285366028547287, 0.23596325516700745];

const bitsOfRootHalf = 0x3f3504f3;
/** The quiet NaN of f32 arithmetic. */
const notANumber = Number.NaN;
const smallestNormal = 2 ** -126;

/** y = 2ⁿ·(1 + f) with √½ ≤ 1 + f < √2, from the bits of a normal positive y. */
function split(lanes: Lanes, bits: Lane<"i32">): { n: Lane<"i32">; f: Lane<"f32"> } {
  const n = lanes.shiftRight(lanes.sub(bits, bitsOfRootHalf), 23);
  return { n, f: lanes.sub(lanes.fromBits(lanes.sub(bits, lanes.shiftLeft(n, 23))), 1) };
}

/** n·ln2 + log(1 + f) + c; the logarithm is 2 atanh(s) = f − s·(f − s²P(s²)) with s = f / (2 + f). */
function combine(lanes: Lanes, n: Lane<"f32">, f: Lane<"f32">, c?: Lane<"f32">): Lane<"f32"> {
  const s = lanes.div(f, lanes.add(f, 2));
  const square = lanes.mul(s, s);
  const series = lanes.mul(s, lanes.sub(f, lanes.mul(square, lanes.polynomial(square, inverseTangent))));
  const low = lanes.mul(n, ln2Low);
  const rest = lanes.sub(series, c === undefined ? low : lanes.add(low, c));
  return lanes.multiplyAdd(n, ln2High, lanes.sub(f, rest));
}

/** Puts the values at 0 (−∞), below 0 (NaN), +∞ and NaN right; `y` is the argument of the logarithm. */
function special(lanes: Lanes, y: Lane<"f32">, result: Lane<"f32">): Lane<"f32"> {
  const finite = lanes.select(lanes.lt(y, Infinity), result, y, "f32");
  const positive = lanes.select(lanes.ge(y, 0), finite, notANumber, "f32");
  return lanes.select(lanes.eq(y, 0), -Infinity, positive, "f32");
}

export function log(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const subnormal = lanes.lt(x, smallestNormal);
  const scaled = lanes.select(subnormal, lanes.mul(x, 2 ** 23), x, "f32");
  const { n, f } = split(lanes, lanes.bitsOf(scaled));
  const exponent = lanes.select(subnormal, lanes.sub(n, 23), n, "i32");
  return special(lanes, x, combine(lanes, lanes.toFloat(exponent), f));
}

/** log(1 + x): the logarithm of u, 1 + x rounded, and what the rounding lost divided by u. */
export function log1p(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const u = lanes.add(x, 1);
  const { n, f } = split(lanes, lanes.bitsOf(u));
  const lostOfLarge = lanes.sub(lanes.constant("f32", 1), lanes.sub(u, x));
  const lostOfSmall = lanes.sub(x, lanes.sub(u, 1));
  const lost = lanes.div(lanes.select(lanes.gt(x, 1), lostOfLarge, lostOfSmall, "f32"), u);
  // Where 1 + x needs no scaling, f is x itself, so that small x keep their precision.
  const whole = lanes.eq(n, 0);
  const fraction = lanes.select(whole, x, f, "f32");
  const correction = lanes.select(whole, 0, lost, "f32");
  const result = combine(lanes, lanes.toFloat(n), fraction, correction);
  // 1 + x is compared only with 0 and ∞: adding 1 rounds, but never to either of them wrongly.
  return lanes.select(lanes.lt(lanes.abs(x), 2 ** -25), x, special(lanes, u, result), "f32");
}
