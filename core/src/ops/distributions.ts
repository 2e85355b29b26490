import { ArgumentError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { build, type Node } from "../graph/index.ts";
import { add, div, mul, pow, square, sub } from "./arithmetic.ts";
import { expandTo, type Operand, toNode } from "./broadcast.ts";
import { greater, less, logicalAnd, logicalNot, where } from "./compare.ts";
import { exp, log } from "./exponential.ts";
import { split } from "./keys.ts";
import { expandDims } from "./movement.ts";
import { normal, uniform } from "./random.ts";
import { sum } from "./reduce.ts";
import { scan } from "./scan.ts";

// Distributions that are drawn by rejection, or by counting.

const floatNode = (x: Operand, shape: Shape): Node => expandTo(build.cast(toNode(x), "f32"), shape);
/** After so many rounds, of which each accepts 95 % or more, nothing is left but once in 10²⁰ numbers. */
const rounds = 16;

/**
 * Gamma distributed with shape `alpha` and scale 1, by the method of Marsaglia & Tsang (2000): d·v with v = (1 + c·normal)³,
 * where log u < x²/2 + d − d·v + d·log v. Below 1 it is drawn for alpha + 1 and multiplied with u^(1/alpha).
 */
export function gamma(key: Node, alpha: Operand, shape: Shape): Node {
  const given = floatNode(alpha, shape);
  const small = less(given, 1);
  const d = sub(where(small, add(given, 1), given), 1 / 3);
  const c = div(1 / 3, pow(d, 0.5));
  const [drawing, boost] = split(key, 2) as [Node, Node];
  const keys = build.concat(
    split(drawing, rounds).map((each) => expandDims(each, 0)),
    0,
  );
  const { carry } = scan(
    ([value, open], [own]) => {
      const [first, second] = split(own!, 2) as [Node, Node];
      const x = normal(first, shape);
      const u = uniform(second, shape);
      const v = pow(add(1, mul(c, x)), 3);
      const safe = where(greater(v, 0), v, 1);
      const limit = add(mul(square(x), 0.5), mul(d, add(sub(1, safe), log(safe))));
      const accepted = logicalAnd(open!, logicalAnd(greater(v, 0), less(log(u), limit)));
      return { carry: [where(accepted, mul(d, safe), value!), logicalAnd(open!, logicalNot(accepted))], out: [] };
    },
    [d, build.fill(1, { shape, dtype: "bool" })],
    [keys],
  );
  // log of 1 − u, which is never 0
  const factor = exp(div(log(sub(1, uniform(boost, shape))), given));
  return build.detach(where(small, mul(carry[0]!, factor), carry[0]!));
}

/** Beta distributed: the share of one of two gamma distributed numbers in their sum. */
export function beta(key: Node, alpha: Operand, other: Operand, shape: Shape): Node {
  const [first, second] = split(key, 2) as [Node, Node];
  const a = gamma(first, alpha, shape);
  return div(a, add(a, gamma(second, other, shape)));
}

/** How many of `count` trials (a number) succeed, each with probability `p`: counted one by one. */
export function binomial(key: Node, count: number, p: Operand, shape: Shape): Node {
  if (!(Number.isInteger(count) && count >= 0)) throw new ArgumentError(`binomial: ${count} is no number of trials`);
  const trials = less(uniform(key, [...shape, count]), expandDims(floatNode(p, shape), -1));
  return sum(build.cast(trials, "f32"), -1);
}
