import { isFloat } from "../base/dtype.ts";
import { build, type Node } from "../graph/index.ts";
import { type Operand, toNode } from "./broadcast.ts";

/** The largest whole number not above `x`; integers are returned as they are. */
export const floor = (x: Operand): Node => onFloats(x, (node) => build.unary("floor", node));

/** The smallest whole number not below `x`. */
export const ceil = (x: Operand): Node =>
  onFloats(x, (node) => build.unary("neg", build.unary("floor", build.unary("neg", node))));

/** The whole number next to `x` towards 0. */
export const trunc = (x: Operand): Node =>
  onFloats(x, (node) => build.where(build.compare("lt", node, build.fill(0, node)), ceil(node), floor(node)));

/** The nearest number of so many `decimals`; halves go to the even one, as in NumPy and IEEE 754. */
export function round(x: Operand, decimals = 0): Node {
  if (decimals === 0) return nearest(x);
  const scale = 10 ** Math.abs(decimals);
  const [shifted, back] = decimals > 0 ? (["mul", "div"] as const) : (["div", "mul"] as const);
  return onFloats(x, (node) => {
    const by = build.fill(scale, node);
    return build.binary(back, nearest(build.binary(shifted, node, by)), by);
  });
}

const nearest = (x: Operand): Node =>
  onFloats(x, (node) => {
    // x − ⌊x⌋ is exact, unlike x + ½ for large x. An odd floor has remainder 1 by 2, so adding it rounds to even.
    const low = build.unary("floor", node);
    const rest = build.detach(build.binary("add", node, build.unary("neg", low)));
    const half = build.fill(0.5, node);
    const oddness = build.binary("mod", low, build.fill(2, node));
    const upwards = build.cast(build.compare("lt", half, rest), node.dtype);
    return build.binary("add", low, build.where(build.compare("eq", rest, half), build.detach(oddness), upwards));
  });

const onFloats = (x: Operand, rule: (node: Node) => Node): Node => {
  const node = toNode(x);
  return isFloat(node.dtype) ? rule(node) : node;
};
