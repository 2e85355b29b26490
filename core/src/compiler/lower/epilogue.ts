import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { int } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { toLinear } from "../../kernel/linear.ts";
import type { IndexSpace } from "../../kernel/space.ts";
import { KernelBuilder } from "./kernel.ts";
import { placeholder } from "./plan.ts";
import type { Work } from "./roots.ts";
import { Values } from "./value.ts";

/** The indices into a root of the element that is computed from the contraction's element at `out`. */
export type RootIndices = (space: IndexSpace, out: readonly Expr[]) => Expr[];

/**
 * How a root is indexed by the contraction's own indices: the same flat order (reshapes), or a permutation of its axes or of
 * parts of them. Undefined when the root is not elementwise in the contraction.
 */
export function rootIndicesOf(work: Work, node: Node, root: Node): RootIndices | undefined {
  if (root === node) return (_, out) => [...out];
  if (sizeOf(root.shape) !== sizeOf(node.shape)) return undefined;
  const builder = new KernelBuilder();
  const { space } = builder;
  const variables = root.shape.map((size) => (size === 1 ? int(0) : builder.index("a", size)));
  const requests = new Map<string, readonly Expr[]>();
  const values = new Values(builder, work, (other, indices) => {
    if (other !== node) return undefined;
    requests.set(indices.map(keyOf).join("|"), indices);
    return placeholder(node);
  });
  try {
    values.at(root, variables);
  } catch {
    return undefined; // reads another reducer
  }
  const [request] = requests.values();
  if (requests.size !== 1 || request === undefined) return undefined;
  const flat = space.flatten(request, node.shape);
  if (space.same(flat, space.flatten(variables, root.shape)))
    return (own, out) => own.unflatten(own.flatten(out, node.shape), root.shape);
  return byDigits(node, root, request, variables);
}

/** Each contraction index is a number whose digits are root indices: `row = b·T + t` gives `b = row / T`, `t = row % T`. */
function byDigits(
  node: Node,
  root: Node,
  request: readonly Expr[],
  variables: readonly Expr[],
): RootIndices | undefined {
  const places = new Map<string, { readonly axis: number; readonly factor: number }>();
  for (const [axis, index] of request.entries()) {
    const { terms, constant } = toLinear(index);
    if (constant !== 0) return undefined;
    const digits = [...terms.entries()].sort(([, a], [, b]) => a.factor - b.factor);
    let expected = 1;
    for (const [key, { atom, factor }] of digits) {
      const rootAxis = variables.findIndex((variable) => keyOf(variable) === key);
      if (atom.kind !== "index" || rootAxis < 0 || factor !== expected || places.has(key)) return undefined;
      places.set(key, { axis, factor });
      expected *= root.shape[rootAxis]!;
    }
    if (expected !== node.shape[axis]) return undefined;
  }
  return (space, out) =>
    variables.map((variable, rootAxis) => {
      const place = places.get(keyOf(variable));
      if (place === undefined) return int(0);
      const quotient = space.div(out[place.axis]!, place.factor);
      const outermost = place.factor * root.shape[rootAxis]! === node.shape[place.axis];
      return outermost ? quotient : space.mod(quotient, root.shape[rootAxis]!);
    });
}
