import { bytesPerElement } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { costOf } from "../../graph/primitives.ts";
import { isInline } from "../lower.ts";
import { isBoundary, type Read } from "./flow.ts";
import { type Groups, roleOf } from "./group.ts";
import { membersOf } from "./members.ts";

/** Multiply-adds an element up to which a value may be computed again instead of being stored. */
const cheap = 6;

/**
 * The nodes to keep in memory: the roots of all groups but those that readers can cheaply compute from other stored values with no
 * more memory traffic. (The mask of a relu is computed again from its output; a batch norm's normalised input from its input.)
 */
export function chooseStored(groups: Groups): Set<Node> {
  const roots = groups.all().flatMap((group) => groups.roots(group.nodes));
  const stored = new Set(roots);
  // Twice: what one value's readers compute again may be just what another's need.
  for (let round = 0; round < 2; round++) {
    for (const root of roots.sort((a, b) => a.id - b.id)) {
      if (stored.has(root) && !worthStoring(root, stored, groups)) stored.delete(root);
    }
  }
  return stored;
}

function worthStoring(root: Node, stored: ReadonlySet<Node>, groups: Groups): boolean {
  if (roleOf(root) !== "map" || groups.flow.demanded.has(root) || groups.of(root)?.sealed) return true;
  const readers = groups.flow.usersOf.get(root)!.filter(({ to }) => groups.of(to) !== groups.of(root));
  if (!readers.every((read) => canRecompute(read, groups))) return true;

  const members = membersOf([root], (node) => node !== root && stored.has(node));
  if (members.some((node) => roleOf(node) !== "map")) return true;
  if (members.reduce((sum, node) => sum + costOf(node), 0) > cheap) return true;
  const inside = new Set(members);
  const sources = new Set(
    members.flatMap(({ inputs }) => inputs.filter((source) => !inside.has(source) || isBoundary(source))),
  );
  const large = [...sources].filter((source) => sizeOf(source.shape) * 2 > sizeOf(root.shape));

  const consumers = new Set(readers.map(({ to }) => groups.of(to)!));
  let again = 0;
  for (const consumer of consumers) {
    const reads = new Set(
      membersOf(groups.roots(consumer.nodes), (node) => stored.has(node)).flatMap(({ inputs }) => inputs),
    );
    for (const source of large) if (!reads.has(source)) again += bytesOf(source);
  }
  return again > bytesOf(root) * (1 + consumers.size);
}

/**
 * Whether the reader takes the elements in their order, or reduces them without storing as many: what is computed again is then
 * computed from rows that are at hand.
 */
export function canRecompute({ from, to, flat, repeats, operand }: Read, groups: Groups): boolean {
  const group = groups.of(to)!;
  if (group.nodes.some((node) => roleOf(node) === "alone")) return false;
  const reducers = group.nodes.filter((node) => roleOf(node) === "reducer" && !isInline(node));
  const [reducer, another] = reducers;
  if (reducer === undefined) return flat && roleOf(to) === "map";
  if (repeats > 1) return false;
  const narrow = groups.roots(group.nodes).every((node) => sizeOf(node.shape) <= sizeOf(reducer.shape));
  if (another === undefined && narrow) return true;
  const inOrder = flat ? roleOf(to) === "map" : reducers.includes(to) && to.inputs[operand] === from;
  return inOrder && !group.nodes.some((node) => roleOf(node) === "contraction");
}

/** Bytes of traffic; storing single bytes costs about as much as storing two. */
const bytesOf = (node: Node): number => sizeOf(node.shape) * Math.max(2, bytesPerElement[node.dtype]);
