import { ArgumentError } from "../base/errors.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { strengthen } from "./broadcast.ts";
import { diagonal } from "./diagonal.ts";
import { moveAxis } from "./movement.ts";

/** A tensor with a label for each axis; labels are unique. */
interface Labelled {
  readonly node: Node;
  readonly labels: readonly string[];
}

/** Einstein summation, as in NumPy: `einsum("bij,bjk->bik", x, y)`; ellipsis, repeated labels, any number of operands. */
export function einsum(equation: string, ...operands: readonly Node[]): Node {
  const { inputs, output } = parse(equation, operands);
  strengthen("einsum", operands);
  const sizes = sizesOf(equation, inputs, operands);

  // Each operand on its own: diagonals of repeated labels, then no axes of size 1 that others repeat.
  const terms = operands.map((node, index) => dropRepeated(takeDiagonals({ node, labels: inputs[index]! }), sizes));

  // From left to right: sum what nobody else needs, contract the next.
  const [first, ...others] = terms;
  if (first === undefined) throw new ArgumentError(`einsum "${equation}": no operands`);
  const neededAfter = (index: number): Set<string> =>
    new Set([...output, ...terms.slice(index + 1).flatMap(({ labels }) => labels)]);
  let product = sumExcept(first, neededAfter(0));
  others.forEach((term, index) => {
    product = multiply(product, term, neededAfter(index + 1), index === others.length - 1 ? output : undefined);
  });

  // Broadcast labels of size 1 everywhere were dropped nowhere, so the output has all its labels: only the order is left.
  return build.permute(
    product.node,
    output.map((label) => product.labels.indexOf(label)),
  );
}

/** Labels of each operand and of the output; the axes under an ellipsis are named "…1" (the last), "…2", and so on. */
function parse(equation: string, operands: readonly Node[]): { inputs: string[][]; output: string[] } {
  const fail = (why: string): never => {
    throw new ArgumentError({ what: `einsum: "${equation}" ${why}`, hint: 'write it as in "bij,bjk->bik"' });
  };
  const [left = "", right, ...more] = equation.replaceAll(" ", "").split("->");
  if (more.length > 0) fail('has more than one "->"');
  const sides = left.split(",");
  if (sides.length !== operands.length) fail(`names ${sides.length} operands, received ${operands.length}`);
  const letters = (side: string): string[] => {
    const tokens = side.replace("...", "…").split("");
    const odd = tokens.find((token) => !/[A-Za-z…]/.test(token));
    if (odd !== undefined) fail(`contains "${odd}", which is no label`);
    return tokens;
  };

  let widest = 0;
  const inputs = sides.map((side, index) => {
    const tokens = letters(side);
    const node = operands[index]!; // counted above
    const hidden = node.shape.length - tokens.filter((token) => token !== "…").length;
    if (hidden < 0 || (hidden > 0 && !tokens.includes("…"))) {
      throw shapeError(`einsum: "${side}" names ${tokens.length} axes, operand ${index} has ${node.shape.length}`, [
        node,
      ]);
    }
    widest = Math.max(widest, tokens.includes("…") ? hidden : 0);
    return tokens.flatMap((token) => (token === "…" ? ellipsis(hidden) : [token]));
  });

  const all = inputs.flat();
  const single = [...new Set(all)].filter(
    (label) => label.length === 1 && all.indexOf(label) === all.lastIndexOf(label),
  );
  const output =
    right === undefined
      ? [...ellipsis(widest), ...single.sort()]
      : letters(right).flatMap((token) => (token === "…" ? ellipsis(widest) : [token]));
  const unknown = output.find((label) => !all.includes(label));
  if (unknown !== undefined) fail(`has "${unknown}" in the output but in no operand`);
  if (new Set(output).size < output.length) fail("repeats a label in the output");
  return { inputs, output };
}

const ellipsis = (count: number): string[] => Array.from({ length: count }, (_, index) => `…${count - index}`);

/** The size of every label; the axes of an ellipsis broadcast, the others must agree. */
function sizesOf(
  equation: string,
  inputs: readonly (readonly string[])[],
  operands: readonly Node[],
): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [index, labels] of inputs.entries()) {
    for (const [axis, label] of labels.entries()) {
      const size = operands[index]!.shape[axis]!; // parse gave one label an axis
      const known = sizes.get(label) ?? 1;
      if (known !== size && known !== 1 && size !== 1) {
        const name = label.startsWith("…") ? "an axis of the ellipsis" : `label "${label}"`;
        throw shapeError(`einsum: ${name} has sizes ${known} and ${size} in "${equation}"`, operands);
      }
      sizes.set(label, known === 1 ? size : known);
    }
  }
  return sizes;
}

/** Merges axes that carry the same label into their diagonal. */
function takeDiagonals({ node, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, axis) => labels.indexOf(label) < axis);
  if (second < 0) return { node, labels };
  const label = labels[second]!;
  const first = labels.indexOf(label);
  if (node.shape[first] !== node.shape[second]) {
    throw shapeError(
      `einsum: label "${label}" has sizes ${node.shape[first]} and ${node.shape[second]} in one operand`,
      [node],
    );
  }
  const merged = moveAxis(diagonal(node, { axes: [first, second] }), -1, first);
  return takeDiagonals({ node: merged, labels: labels.filter((_, axis) => axis !== second) });
}

/** Without the axes of size 1 that another operand repeats: the label lives on there. */
function dropRepeated({ node, labels }: Labelled, sizes: ReadonlyMap<string, number>): Labelled {
  const kept = labels.map((label, axis) => node.shape[axis] === sizes.get(label));
  return {
    node: build.reshape(
      node,
      node.shape.filter((_, axis) => kept[axis]),
    ),
    labels: labels.filter((_, axis) => kept[axis]),
  };
}

/** Sums over the labels that are not in `needed`. */
function sumExcept({ node, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => (needed.has(label) ? [] : [axis]));
  return { node: build.reduce("sum", node, axes), labels: labels.filter((label) => needed.has(label)) };
}

/** The contraction of two terms over the labels that both have and nobody needs later. */
function multiply(
  a: Labelled,
  b: Labelled,
  needed: ReadonlySet<string>,
  order: readonly string[] | undefined,
): Labelled {
  const x = sumExcept(a, new Set([...b.labels, ...needed]));
  const y = sumExcept(b, new Set([...x.labels, ...needed]));
  const labels = [...new Set([...x.labels, ...y.labels])].filter((label) => needed.has(label));
  const out = order ?? labels;
  return { node: build.contract(x.node, y.node, { a: x.labels, b: y.labels, out }), labels: out };
}
