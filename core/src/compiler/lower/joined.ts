import { sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { int } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import type { IndexSpace } from "../../kernel/space.ts";
import type { Work } from "./roots.ts";

/** Where an element of a contraction goes in a root. */
export interface RootPart {
  readonly root: Node;
  readonly indices: (space: IndexSpace, at: readonly Expr[]) => readonly Expr[];
}

/**
 * Which roots each contraction of the work fills, and where: a root is a contraction, or contractions side by side (padded and
 * added, as the derivative of `split` makes them, or concatenated). Undefined when a root is anything else.
 */
export function joinedRoots({ roots, members }: Pick<Work, "roots" | "members">): Map<Node, RootPart[]> | undefined {
  const found = new Map<Node, RootPart[]>();
  for (const root of roots) {
    const parts = partsOf(root, members, (_, at) => at);
    if (parts === undefined) return undefined;
    const distinct = new Set(parts.map(({ from }) => from));
    const filled = parts.reduce((sum, { from }) => sum + sizeOf(from.shape), 0);
    if (distinct.size !== parts.length || filled !== sizeOf(root.shape) || !apart(parts)) return undefined;
    for (const { from, indices } of parts) found.set(from, [...(found.get(from) ?? []), { root, indices }]);
  }
  return found;
}

interface Part {
  readonly from: Node;
  readonly indices: RootPart["indices"];
  /** The box that it fills in the root: first index and the one after the last, an axis. */
  readonly box: readonly (readonly [number, number])[];
}

/** The contractions that `node` is made of by moving alone; `onwards` maps indices of the node to those of the root. */
function partsOf(
  node: Node,
  members: ReadonlySet<Node>,
  onwards: RootPart["indices"],
  box: Part["box"] = node.shape.map((size) => [0, size] as const),
): Part[] | undefined {
  if (!members.has(node)) return undefined;
  const [x] = node.inputs;
  if (isOp(node, "contract")) return [{ from: node, indices: onwards, box }];
  if (isOp(node, "reshape") || isOp(node, "permute")) return moved(node, members, onwards, box);
  if (isOp(node, "pad")) {
    const { low, between, value } = node.attrs;
    if (value !== 0 || between.some((count) => count !== 0) || low.some((count) => count < 0)) return undefined;
    if (node.attrs.high.some((count) => count < 0)) return undefined;
    const shifted: RootPart["indices"] = (space, at) =>
      onwards(
        space,
        at.map((index, axis) => space.add(index, int(low[axis]!))),
      );
    return partsOf(
      x!,
      members,
      shifted,
      x!.shape.map((size, axis) => [box[axis]![0] + low[axis]!, box[axis]![0] + low[axis]! + size] as const),
    );
  }
  if (isOp(node, "add")) {
    const sides = node.inputs.map((input) => partsOf(input, members, onwards, box));
    return sides.includes(undefined) ? undefined : sides.flatMap((side) => side!);
  }
  if (isOp(node, "concat")) {
    let start = 0;
    const all: Part[] = [];
    for (const input of node.inputs) {
      const { axis } = node.attrs;
      const [from, to] = [start, start + input.shape[axis]!];
      const parts = partsOf(
        input,
        members,
        (space, at) =>
          onwards(
            space,
            at.map((index, other) => (other === axis ? space.add(index, int(from)) : index)),
          ),
        box.map((range, other) => (other === axis ? ([range[0] + from, range[0] + to] as const) : range)),
      );
      if (parts === undefined) return undefined;
      all.push(...parts);
      start = to;
    }
    return all;
  }
  return undefined;
}

/** A reshape or permutation of one contraction: what lies below fills the same box. */
function moved(
  node: Node<"reshape"> | Node<"permute">,
  members: ReadonlySet<Node>,
  onwards: RootPart["indices"],
  box: Part["box"],
): Part[] | undefined {
  const [x] = node.inputs as readonly [Node];
  const indices: RootPart["indices"] = isOp(node, "permute")
    ? (space, at) =>
        onwards(
          space,
          (node as Node<"permute">).attrs.order.map((axis) => at[axis]!),
        ) // narrowed above
    : (space, at) => onwards(space, space.unflatten(space.flatten(at, x.shape), node.shape));
  const parts = partsOf(x, members, indices);
  const [only, another] = parts ?? [];
  // Boxes inside of a reshape would need mapping; one contraction that fills all of it does not.
  if (only === undefined || another !== undefined || sizeOf(only.from.shape) !== sizeOf(node.shape)) return undefined;
  return [{ ...only, box }];
}

/** Whether no two boxes overlap. */
const apart = (parts: readonly Part[]): boolean =>
  parts.every((a, i) =>
    parts.slice(i + 1).every((b) => a.box.some(([from, to], axis) => to <= b.box[axis]![0] || b.box[axis]![1] <= from)),
  );
