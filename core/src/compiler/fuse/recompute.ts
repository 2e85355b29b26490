import { bytesPerElement } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { costOf } from "../../graph/primitives.ts";
import { isBoundary } from "./flow.ts";
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
  for (const root of roots.sort((a, b) => a.id - b.id)) {
    if (worthStoring(root, stored, groups)) continue;
    stored.delete(root);
  }
  return stored;
}

function worthStoring(root: Node, stored: ReadonlySet<Node>, groups: Groups): boolean {
  if (roleOf(root) !== "map" || groups.flow.demanded.has(root)) return true;
  const readers = groups.flow.usersOf.get(root)!.filter(({ to }) => groups.of(to) !== groups.of(root));
  // Only kernels that go element by element read it for free in the same order.
  if (readers.some(({ to, flat }) => !flat || roleOf(to) !== "map" || groups.of(to)!.nodes.some((node) => roleOf(node) === "reducer"))) return true;

  const members = membersOf([root], (node) => node !== root && stored.has(node));
  if (members.some((node) => roleOf(node) !== "map")) return true;
  if (members.reduce((sum, node) => sum + costOf(node), 0) > cheap) return true;
  const inside = new Set(members);
  const sources = new Set(members.flatMap(({ inputs }) => inputs.filter((source) => !inside.has(source) || isBoundary(source))));
  // Every source must be there anyway, and at most one may be as large as the value.
  const large = [...sources].filter((source) => sizeOf(source.shape) * 2 > sizeOf(root.shape));
  if (large.length > 1) return true;

  const consumers = new Set(readers.map(({ to }) => groups.of(to)!));
  let again = 0;
  for (const consumer of consumers) {
    for (const source of large) {
      const already = consumer.nodes.some((node) => node.inputs.includes(source));
      if (!already) again += bytesOf(source);
    }
  }
  return again > bytesOf(root) * (1 + consumers.size);
}

const bytesOf = (node: Node): number => sizeOf(node.shape) * bytesPerElement[node.dtype];
