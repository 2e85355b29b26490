import { bytesPerElement } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { costOf } from "../../graph/primitives.ts";
import { isBoundary } from "./flow.ts";
import type { Group, Groups } from "./group.ts";
import { roleOf } from "./group.ts";
import { membersOf } from "./members.ts";
import { canRecompute } from "./recompute.ts";

/**
 * Multiply-adds an element that take as long as an element's way to memory and back: 12 bytes (the line is read before it is
 * written) at 3 to 4 bytes a cycle, against 8 to 16 multiply-adds a cycle. An erf and an exp are less.
 */
const wayToMemory = 48;

/**
 * Keeps a contraction's own result instead of values made of it, where their readers can compute these again: several take the memory of
 * one, and none is written where the result itself is kept anyway. (The derivative of a layer normalization reads g·scale and g·scale·y;
 * g is what the gradients of scale and offset read.) Changes `stored`.
 */
export function storeRaw(groups: Groups, stored: Set<Node>): void {
  for (const group of groups.all()) {
    const raw = group.sealed ? undefined : group.nodes.find((node) => roleOf(node) === "contraction");
    if (raw === undefined) continue;
    const made = group.nodes.filter(
      (node) => node !== raw && stored.has(node) && isMadeOf(node, raw, group, groups, stored),
    );
    const cost = stored.has(raw) ? 0 : bytesOf(raw);
    if (made.reduce((bytes, node) => bytes + bytesOf(node), 0) <= cost) continue;
    stored.add(raw);
    for (const node of made) stored.delete(node);
  }
}

/** Whether all readers of `node` can compute it again from `raw`, and from what they read in any case, in less time than memory takes. */
function isMadeOf(node: Node, raw: Node, group: Group, groups: Groups, stored: ReadonlySet<Node>): boolean {
  if (roleOf(node) !== "map" || groups.flow.demanded.has(node) || sizeOf(node.shape) !== sizeOf(raw.shape))
    return false;
  const readers = groups.flow.usersOf.get(node)!.filter(({ to }) => groups.of(to) !== group);
  if (!readers.every((read) => canRecompute(read, groups))) return false;
  const members = membersOf([node], (other) => other === raw || (other !== node && stored.has(other)));
  if (members.some((member) => roleOf(member) !== "map")) return false;
  const inside = new Set(members);
  const large = members.flatMap(({ inputs }) =>
    inputs.filter(
      (source) => (!inside.has(source) || isBoundary(source)) && sizeOf(source.shape) * 2 > sizeOf(raw.shape),
    ),
  );
  const cost = members.reduce((sum, member) => sum + costOf(member), 0);
  const consumers = new Set(readers.map(({ to }) => groups.of(to)));
  const isAtHand = (source: Node): boolean =>
    source === raw || [...consumers].every((consumer) => consumer!.nodes.some(({ inputs }) => inputs.includes(source)));
  return large.every(isAtHand) && cost * consumers.size <= wayToMemory;
}

const bytesOf = (node: Node): number => sizeOf(node.shape) * bytesPerElement[node.dtype];
