import { isFloat } from "../../base/dtype.ts";
import { range, without } from "../../base/shape.ts";
import { binary, cast, concat, expand, pad, permute, reshape, slice } from "../../graph/build.ts";
import { isOp, makeNode, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { type Rule, uniform, uniformOf } from "./rule.ts";

const only = (node: Node): Node => node.inputs[0]!;

/** Views that do nothing. */
const identities: Rule = (node) => {
  if (isOp(node, "reshape")) return drop(node, reshape(only(node), node.shape));
  if (isOp(node, "permute")) return drop(node, permute(only(node), node.attrs.order));
  if (isOp(node, "expand")) return drop(node, expand(only(node), node.shape));
  if (isOp(node, "slice")) return drop(node, slice(only(node), node.attrs.start, node.attrs.size, node.attrs.step));
  if (isOp(node, "pad")) return drop(node, pad(only(node), node.attrs));
  return undefined;
};

/** The builders return their operand when there is nothing to do. */
const drop = (node: Node, built: Node): Node | undefined => (built === only(node) ? built : undefined);

const reshapes: Rule = (node) => {
  const inner = node.inputs[0];
  return isOp(node, "reshape") && inner !== undefined && isOp(inner, "reshape")
    ? reshape(only(inner), node.shape)
    : undefined;
};

/** Two permutations are one; moving axes of size 1 is a reshape, which costs nothing. */
const permutes: Rule = (node) => {
  if (!isOp(node, "permute")) return undefined;
  const inner = only(node);
  const { order } = node.attrs;
  if (isOp(inner, "permute"))
    return permute(
      only(inner),
      order.map((axis) => inner.attrs.order[axis]!),
    );
  const moving = order.filter((axis) => inner.shape[axis] !== 1);
  return moving.every((axis, index) => index === 0 || axis > moving[index - 1]!)
    ? reshape(inner, node.shape)
    : undefined;
};

const expands: Rule = (node) => {
  const inner = node.inputs[0];
  return isOp(node, "expand") && inner !== undefined && isOp(inner, "expand")
    ? expand(only(inner), node.shape)
    : undefined;
};

const slices: Rule = (node) => {
  if (!isOp(node, "slice")) return undefined;
  const { start, size, step } = node.attrs;
  const inner = only(node);
  if (isOp(inner, "slice")) {
    const { attrs } = inner;
    return slice(
      only(inner),
      start.map((first, axis) => attrs.start[axis]! + first * attrs.step[axis]!),
      size,
      step.map((each, axis) => each * attrs.step[axis]!),
    );
  }
  if (isOp(inner, "concat")) return sliceOfConcat(node, inner);
  return undefined;
};

/** A slice that stays inside one operand of a concat is a slice of that operand. */
function sliceOfConcat(node: Node<"slice">, joined: Node<"concat">): Node | undefined {
  const { start, size, step } = node.attrs;
  const { axis } = joined.attrs;
  if (size[axis] === 0) return undefined;
  const ends = [start[axis]!, start[axis]! + (size[axis]! - 1) * step[axis]!];
  let from = 0;
  for (const operand of joined.inputs) {
    const to = from + operand.shape[axis]!;
    const begin = from;
    if (ends.every((end) => end >= begin && end < to)) {
      return slice(
        operand,
        start.map((first, index) => (index === axis ? first - begin : first)),
        size,
        step,
      );
    }
    from = to;
  }
  return undefined;
}

/** Two pads of one value are one, when neither crops nor spreads. */
const pads: Rule = (node) => {
  const inner = node.inputs[0];
  if (
    !isOp(node, "pad") ||
    inner === undefined ||
    !isOp(inner, "pad") ||
    !Object.is(node.attrs.value, inner.attrs.value)
  )
    return undefined;
  const plain = [node, inner].every(
    ({ attrs: { low, high, between } }) =>
      [...low, ...high].every((amount) => amount >= 0) && between.every((amount) => amount === 0),
  );
  if (!plain) return undefined;
  const sum = (name: "low" | "high"): number[] =>
    node.attrs[name].map((amount, axis) => amount + inner.attrs[name][axis]!);
  return pad(only(inner), { low: sum("low"), high: sum("high"), between: node.attrs.between, value: node.attrs.value });
};

const concats: Rule = (node) => {
  if (!isOp(node, "concat")) return undefined;
  const { axis } = node.attrs;
  const nested = (source: Node): source is Node<"concat"> => isOp(source, "concat") && source.attrs.axis === axis;
  const filled = node.inputs.filter(({ shape }) => shape[axis] !== 0);
  if (filled.length > 0 && filled.length < node.inputs.length) return concat(filled, axis);
  return node.inputs.some(nested)
    ? concat(
        node.inputs.flatMap((source) => (nested(source) ? source.inputs : [source])),
        axis,
      )
    : undefined;
};

/** A map of repeated values is computed once and repeated. */
const mapsBeforeExpands: Rule = (node) => {
  if (kindOf(node) !== "map") return undefined;
  const first = node.inputs.find((source) => isOp(source, "expand") && uniformOf(source) === undefined);
  if (first === undefined) return undefined;
  const { shape } = only(first);
  const small: Node[] = [];
  for (const source of node.inputs) {
    const value = uniformOf(source);
    const fits = isOp(source, "expand") && only(source).shape.every((size, axis) => size === shape[axis]);
    if (value === undefined && !fits) return undefined;
    small.push(value !== undefined ? uniform(value, { ...source, shape }) : only(source));
  }
  return expand(makeNode(node.op, small, node.attrs), node.shape);
};

/** Reducing along axes of size 1, or along repeated values, needs no loop. */
const trivialReductions: Rule = (node) => {
  if (!isOp(node, "reduce")) return undefined;
  const { axes, reduce } = node.attrs;
  const x = only(node);
  if (axes.every((axis) => x.shape[axis] === 1)) return reshape(x, node.shape);
  if (!isOp(x, "expand") || reduce === "prod") return undefined;
  const inner = only(x);
  const repeated = axes.filter((axis) => inner.shape[axis] === 1 && x.shape[axis] !== 1);
  if (repeated.length === 0 || repeated.some((axis) => x.shape[axis] === 0)) return undefined;
  const rest = axes.filter((axis) => !repeated.includes(axis));
  // The repeated axes go by a reshape, the others by the reduction.
  const flat = reshape(inner, without(inner.shape, repeated));
  const moved = rest.map((axis) => axis - repeated.filter((gone) => gone < axis).length);
  const reduced = moved.length === 0 ? flat : makeNode("reduce", [flat], { reduce, axes: moved });
  const count = repeated.reduce((product, axis) => product * x.shape[axis]!, 1);
  return expand(reduce === "sum" ? times(reduced, count) : reduced, node.shape);
};

/** Counts may be beyond 16-bit floats: sums of these are kept in f32. */
function times(x: Node, count: number): Node {
  const wide = isFloat(x.dtype) ? cast(x, "f32") : x;
  return cast(binary("mul", wide, uniform(count, wide)), x.dtype);
}

/** A contraction reads permuted operands by its labels, and repeated ones without the label that repeats them. */
const contractions: Rule = (node) => {
  if (!isOp(node, "contract")) return undefined;
  const sides = [
    { name: "a", operand: node.inputs[0]!, labels: node.attrs.a, others: node.attrs.b },
    { name: "b", operand: node.inputs[1]!, labels: node.attrs.b, others: node.attrs.a },
  ] as const;
  for (const { name, operand, labels, others } of sides) {
    const replace = (changed: Node, changedLabels: readonly string[]): Node => {
      const operands = name === "a" ? [changed, node.inputs[1]!] : [node.inputs[0]!, changed];
      return makeNode("contract", operands, { ...node.attrs, [name]: changedLabels });
    };
    if (isOp(operand, "permute")) {
      const moved = [...labels];
      operand.attrs.order.forEach((axis, index) => {
        moved[axis] = labels[index]!;
      });
      return replace(only(operand), moved);
    }
    if (isOp(operand, "expand")) {
      const inner = only(operand);
      const gone = range(labels.length).filter(
        (axis) =>
          inner.shape[axis] !== operand.shape[axis] &&
          others.includes(labels[axis]!) &&
          node.attrs.out.includes(labels[axis]!),
      );
      if (gone.length === 0) continue;
      const kept = reshape(
        expand(
          inner,
          operand.shape.map((size, axis) => (gone.includes(axis) ? 1 : size)),
        ),
        without(operand.shape, gone),
      );
      return replace(
        kept,
        labels.filter((_, axis) => !gone.includes(axis)),
      );
    }
  }
  return undefined;
};

export const views: readonly Rule[] = [
  identities,
  reshapes,
  permutes,
  expands,
  slices,
  pads,
  concats,
  mapsBeforeExpands,
  trivialReductions,
  contractions,
];
