import type { Lane, Lanes } from "../lanes.ts";
import { expWide, log2Wide } from "./wide.ts";

/** xʸ = 2^(y·log2|x|), then the special cases of IEEE 754 pow: x⁰ = 1, 1ʸ = 1, signs of odd powers, NaN for negative x. */
export function pow(lanes: Lanes, x: Lane<"f32">, y: Lane<"f32">): Lane<"f32"> {
  const a = lanes.abs(x);
  const exponent = lanes.mul(lanes.widen(y), log2Wide(lanes, lanes.widen(a)));
  const limited = lanes.max(lanes.min(exponent, 250), -250);
  const power = lanes.narrow(expWide(lanes, lanes.mul(limited, Math.LN2)));

  // |x| at 0 and ∞, where the logarithm above is no number: 0 or ∞ by the sign of y.
  const grows = lanes.not(
    lanes.either(lanes.both(lanes.gt(a, 1), lanes.lt(y, 0)), lanes.both(lanes.lt(a, 1), lanes.gt(y, 0))),
  );
  const edge = lanes.select(grows, Infinity, 0, "f32");
  const atEdge = lanes.either(lanes.eq(a, 0), lanes.eq(a, Infinity));
  const infiniteExponent = lanes.eq(lanes.abs(y), Infinity);
  let result = lanes.select(lanes.either(atEdge, infiniteExponent), edge, power, "f32");

  const whole = lanes.eq(lanes.floor(y), y);
  const half = lanes.mul(y, 0.5);
  const odd = lanes.both(whole, lanes.ne(lanes.floor(half), half));
  const negative = lanes.less(lanes.bitsOf(x), 0);
  result = lanes.select(lanes.both(negative, odd), lanes.neg(result), result, "f32");
  const undefinedRoot = lanes.both(lanes.lt(x, 0), lanes.both(lanes.not(whole), lanes.gt(a, 0)));
  // (−∞)^y and (−x)^±∞ are defined: the rule is only for finite x and finite y.
  const finite = lanes.both(lanes.lt(a, Infinity), lanes.lt(lanes.abs(y), Infinity));
  result = lanes.select(lanes.both(undefinedRoot, finite), Number.NaN, result, "f32");

  const unordered = lanes.either(lanes.ne(x, x), lanes.ne(y, y));
  result = lanes.select(unordered, Number.NaN, result, "f32");
  const minusOne = lanes.both(lanes.eq(a, 1), infiniteExponent);
  const one = lanes.either(lanes.either(lanes.eq(y, 0), lanes.eq(x, 1)), minusOne);
  return lanes.select(one, 1, result, "f32");
}

/**
 * The remainder of floor division, exact: each round takes off q·y with the 28 highest bits of the quotient, which is exact
 * in f64. Scalars only.
 */
export function mod(lanes: Lanes, x: Lane<"f32">, y: Lane<"f32">): Lane<"f32"> {
  const { writer } = lanes;
  const divisor = lanes.abs(lanes.widen(y));
  const start = lanes.widen(x);
  const rest = lanes.abs(start);
  const local = rest.locals[0]!;
  const usable = lanes.both(lanes.both(lanes.lt(rest, Infinity), lanes.lt(divisor, Infinity)), lanes.gt(divisor, 0));
  writer.get(usable.locals[0]!).if(undefined, () => {
    writer.loop((again) => {
      writer
        .get(local)
        .get(divisor.locals[0]!)
        .op("f64.ge")
        .if(undefined, () => {
          writer.get(local).get(local).get(divisor.locals[0]!).op("f64.div", "f64.trunc", "i64.reinterpret_f64");
          writer.i64(-(1n << 25n)).op("i64.and", "f64.reinterpret_i64");
          writer.get(divisor.locals[0]!).op("f64.mul", "f64.sub").tee(local);
          // The rounded division may overshoot by one: the remainder is then negative and one divisor makes it good.
          writer
            .f64(0)
            .op("f64.lt")
            .if(undefined, () => writer.get(local).get(divisor.locals[0]!).op("f64.add").set(local));
          writer.branch(again);
        });
    });
  });
  const signed = lanes.select(lanes.lt(start, 0), lanes.neg(rest), rest, "f64");
  // fmod has the sign of x; floor division wants that of y.
  const differs = lanes.lt(lanes.mul(lanes.select(lanes.lt(start, 0), -1, 1, "f64"), lanes.widen(y)), 0);
  const moved = lanes.select(lanes.both(differs, lanes.ne(rest, 0)), lanes.add(signed, lanes.widen(y)), signed, "f64");
  const zero = lanes.copySign(lanes.constant("f32", 0), y);
  const value = lanes.select(lanes.eq(lanes.narrow(moved), 0), zero, lanes.narrow(moved), "f32");
  // A finite x modulo ±∞ is x, or ±∞ where the signs differ; by 0, and for infinite x, there is no remainder.
  const infiniteDivisor = lanes.eq(lanes.abs(y), Infinity);
  const opposite = lanes.lt(
    lanes.mul(lanes.copySign(lanes.constant("f32", 1), x), lanes.copySign(lanes.constant("f32", 1), y)),
    0,
  );
  const towardsInfinity = lanes.select(
    lanes.both(opposite, lanes.ne(x, 0)),
    y,
    lanes.select(lanes.eq(x, 0), zero, x, "f32"),
    "f32",
  );
  const ordinary = lanes.select(infiniteDivisor, towardsInfinity, value, "f32");
  const invalid = lanes.either(
    lanes.either(lanes.eq(y, 0), lanes.ne(y, y)),
    lanes.not(lanes.lt(lanes.abs(x), Infinity)),
  );
  return lanes.select(invalid, Number.NaN, ordinary, "f32");
}
