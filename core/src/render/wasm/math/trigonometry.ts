import type { Lane, Lanes } from "../lanes.ts";
import { roundingShift } from "./wide.ts";

/** sin(r) / r in r², |r| ≤ π/4: 2⁻⁴⁷. */
const sineSeries = [
  0.9999999999999959, -0.1666666666661969, 0.008333333324271306, -0.0001984126347353573, 0.0000027555304126749475,
  -2.4758657632365357e-8,
];
/** cos(r) in r², |r| ≤ π/4: 2⁻⁴³. */
const cosineSeries = [
  0.9999999999999445, -0.49999999999353134, 0.041666666544174176, -0.0013888880405525925, 0.00002479893093809606,
  -2.717357365682248e-7,
];
/** atan(t) / t in t², |t| ≤ √2 − 1: 2⁻⁴⁰. */
const arctangentSeries = [
  0.9999999999992439, -0.3333333327690535, 0.19999993052875564, -0.14285386547933854, 0.11103457006435517,
  -0.08992554864939824, 0.06974209273196015, -0.037655336806941775,
];

/** π/2 = high + low; high has 33 bits, so that n·high is exact for n < 2²⁰ (Cody and Waite 1980). */
const halfPiHigh = 1.5707963267341256;
const halfPiLow = 6.077100506506192e-11;

/** Largest |x| whose quotient by π/2 keeps to 20 bits. */
export const cosyLimit = 1.5e6;

/** The value of sin (quadrants 0 and 2) or cos (1 and 3) of r, with the quadrant's sign. */
function quadrantValue(lanes: Lanes, r: Lane<"f64">, quadrant: Lane<"i64">): Lane<"f64"> {
  const square = lanes.mul(r, r);
  const sine = lanes.mul(r, lanes.polynomial(square, sineSeries));
  const cosine = lanes.polynomial(square, cosineSeries);
  // Bit 0 of the quadrant as a mask of all bits, by arithmetic that every width has.
  const odd = lanes.sub(lanes.constant("i64", 0), lanes.and(quadrant, 1));
  const sineBits = lanes.bitsOf(sine);
  const chosen = lanes.xor(sineBits, lanes.and(lanes.xor(sineBits, lanes.bitsOf(cosine)), odd));
  const sign = lanes.shiftLeft(lanes.and(quadrant, 2), 62);
  return lanes.fromBits(lanes.xor(chosen, sign));
}

/** sin(x + turns·π/2) for |x| ≤ cosyLimit. */
function nearValue(lanes: Lanes, x: Lane<"f32">, turns: 0 | 1): Lane<"f32"> {
  const widened = lanes.widen(x);
  const shifted = lanes.add(lanes.mul(widened, 2 / Math.PI), roundingShift);
  const n = lanes.sub(shifted, roundingShift);
  const r = lanes.sub(lanes.sub(widened, lanes.mul(n, halfPiHigh)), lanes.mul(n, halfPiLow));
  return lanes.narrow(quadrantValue(lanes, r, lanes.add(lanes.bitsOf(shifted), turns)));
}

/** 2/π as 32-bit words, one before the point: 0.A2F9836E 4E441529 FC2757D1 F534DDC0 DB629599 3C439041 (OEIS A060294, in binary). */
const twoOverPi = [
  0n,
  0xa2f9836en,
  0x4e441529n,
  0xfc2757d1n,
  0xf534ddc0n,
  0xdb629599n,
  0x3c439041n,
  0xfe5163abn,
] as const;

/**
 * sin(x + turns·π/2) for any finite x, scalars only: Payne and Hanek (1983) with integers. With x = m·2^(e) the product
 * m·(2/π) is formed modulo 4 from the three words of 2/π that matter: bits above count whole turns, bits below are lost.
 */
function farValue(lanes: Lanes, x: Lane<"f32">, turns: 0 | 1): Lane<"f32"> {
  const { writer } = lanes;
  const bits = lanes.bitsOf(x);
  const mantissa = lanes.or(lanes.and(bits, 0x7fffff), 0x800000);
  // x = mantissa · 2^shift; x ≥ 2²⁰ here, so that shift + 32 is positive.
  const shift = lanes.sub(lanes.and(lanes.shiftRight(bits, 23), 255), 150);
  const position = lanes.add(shift, 30);
  const word = lanes.shiftRight(position, 5);
  const fine = lanes.and(position, 31);
  const wordAt = (ahead: number): Lane<"i64"> =>
    lanes.make("i64", () => {
      writer.i64(0n);
      for (let index = 0; index < twoOverPi.length - ahead; index++) {
        writer.i64(twoOverPi[index + ahead]!);
        // select keeps its first operand when the condition holds: bring the words in as (new, old).
        const found = writer.local("i64");
        const old = writer.local("i64");
        writer.set(found).set(old).get(found).get(old);
        lanes.push(word);
        writer.i32(index).op("i32.eq", "select");
        writer.release(found);
        writer.release(old);
      }
    });
  const [first, second, third, fourth] = [wordAt(0), wordAt(1), wordAt(2), wordAt(3)];
  const pushShift = (invert: boolean): void => {
    if (invert) writer.i32(32);
    lanes.push(fine);
    if (invert) writer.op("i32.sub");
    writer.op("i64.extend_i32_u");
  };
  /** 32 bits of 2/π starting `fine` bits into `high`. */
  const window = (high: Lane<"i64">, low: Lane<"i64">): Lane<"i64"> =>
    lanes.make("i64", () => {
      writer.get(high.locals[0]!);
      pushShift(false);
      writer.op("i64.shl").get(low.locals[0]!);
      pushShift(true);
      writer.op("i64.shr_u", "i64.or").i64(0xffffffffn).op("i64.and");
    });
  const times = (w: Lane<"i64">): Lane<"i64"> =>
    lanes.make("i64", () => {
      lanes.push(mantissa);
      writer.op("i64.extend_i32_u").get(w.locals[0]!).op("i64.mul");
    });
  // The window starts where a bit of 2/π times the mantissa's lowest bit weighs 2: 62 fractional bits follow two whole ones.
  const product = lanes.add(
    lanes.add(lanes.shiftLeft(times(window(first, second)), 32), times(window(second, third))),
    lanes.shiftRightUnsigned(times(window(third, fourth)), 32),
  );
  const quadrant = lanes.shiftRightUnsigned(
    lanes.add(
      product,
      lanes.make("i64", () => void writer.i64(1n << 61n)),
    ),
    62,
  );
  const remainder = lanes.sub(product, lanes.shiftLeft(quadrant, 62));
  const scaled = lanes.make("f64", () => void writer.get(remainder.locals[0]!).op("f64.convert_i64_s"));
  const magnitude = lanes.mul(scaled, Math.PI / 2 / 2 ** 62);
  const negative = lanes.less(bits, 0);
  // sin is odd, cos is even: for negative x reduce |x|, then give sin its sign.
  const value = lanes.narrow(quadrantValue(lanes, magnitude, lanes.add(quadrant, turns)));
  return turns === 1 ? value : lanes.select(negative, lanes.neg(value), value, "f32");
}

const finite = (lanes: Lanes, x: Lane<"f32">): Lane<"mask"> => lanes.lt(lanes.abs(x), Infinity);

/** sin (turns 0) or cos (turns 1) of any scalar. */
function anywhere(lanes: Lanes, x: Lane<"f32">, turns: 0 | 1): Lane<"f32"> {
  const result = lanes.constant("f32", 0);
  lanes.push(lanes.lt(lanes.abs(x), cosyLimit));
  lanes.writer.if(
    undefined,
    () => {
      lanes.push(nearValue(lanes, x, turns));
      lanes.writer.set(result.locals[0]!);
    },
    () => {
      lanes.push(lanes.select(finite(lanes, x), farValue(lanes, x, turns), Number.NaN, "f32"));
      lanes.writer.set(result.locals[0]!);
    },
  );
  return result;
}

/** `scalar` pushes nothing and calls the width-1 form of the same function: large arguments take it lane by lane. */
function circular(lanes: Lanes, x: Lane<"f32">, turns: 0 | 1, scalar: () => void): Lane<"f32"> {
  const keepZero = (value: Lane<"f32">): Lane<"f32"> =>
    turns === 0 ? lanes.select(lanes.eq(x, 0), x, value, "f32") : value;
  if (lanes.width === 1) return keepZero(anywhere(lanes, x, turns));
  const result = lanes.constant("f32", 0);
  lanes.pushAny(lanes.not(lanes.lt(lanes.abs(x), cosyLimit)));
  lanes.writer.if(
    undefined,
    () => {
      lanes.push(lanes.eachLane("f32", [x], scalar));
      lanes.writer.set(result.locals[0]!);
    },
    () => {
      lanes.push(keepZero(nearValue(lanes, x, turns)));
      lanes.writer.set(result.locals[0]!);
    },
  );
  return result;
}

export const sin = (lanes: Lanes, x: Lane<"f32">, scalar: () => void): Lane<"f32"> => circular(lanes, x, 0, scalar);
export const cos = (lanes: Lanes, x: Lane<"f32">, scalar: () => void): Lane<"f32"> => circular(lanes, x, 1, scalar);

/** atan x = base + atan(t), t = x, (x − 1) / (x + 1) or −1 / x, so that |t| ≤ √2 − 1 (Cephes' reduction). */
export function atan(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const a = lanes.widen(lanes.abs(x));
  const large = lanes.gt(a, 1 + Math.SQRT2);
  const middle = lanes.gt(a, Math.SQRT2 - 1);
  const numerator = lanes.select(large, -1, lanes.select(middle, lanes.sub(a, 1), a, "f64"), "f64");
  const denominator = lanes.select(large, a, lanes.select(middle, lanes.add(a, 1), 1, "f64"), "f64");
  const base = lanes.select(large, Math.PI / 2, lanes.select(middle, Math.PI / 4, 0, "f64"), "f64");
  const t = lanes.div(numerator, denominator);
  const value = lanes.add(base, lanes.mul(t, lanes.polynomial(lanes.mul(t, t), arctangentSeries)));
  return lanes.copySign(lanes.narrow(value), x);
}
