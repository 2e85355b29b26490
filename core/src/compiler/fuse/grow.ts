import { sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { loopSize } from "../lower/parts.ts";
import type { Flow } from "./flow.ts";
import { type Group, type Groups, roleOf } from "./group.ts";
import { type Rules, refuse } from "./refuse.ts";

/** Puts every computing node into the groups of what it reads, where the rules allow; producers come first. */
export function grow(rules: Rules): void {
  const { groups } = rules;
  const { computing, readsOf } = groups.flow;
  for (const node of computing) {
    if (groups.of(node)?.sealed) continue;
    let group = groups.start(node);
    // The results of a loop or a branch belong to it.
    if (isOp(node, "pick")) {
      groups.merge(group, groups.of(node.inputs[0]!)!);
      continue;
    }
    if (roleOf(node) === "alone") continue;
    const sources = new Set(
      [...readsOf.get(node)!].sort((a, b) => sizeOf(b.from.shape) - sizeOf(a.from.shape)).map(({ from }) => from),
    );
    for (const source of sources) {
      const other = groups.of(source)!;
      if (other !== group && refuse(other, group, rules) === undefined) group = groups.merge(other, group);
    }
  }
}

/**
 * Merges groups that only one other group reads: while readers were still apart their values had to be stored, once the readers
 * are together they need not.
 */
export function absorb({ groups, ...rules }: Rules): void {
  for (const node of [...groups.flow.computing].reverse()) {
    const group = groups.of(node)!;
    if (group.nodes.at(-1) !== node || group.nodes.some((each) => groups.flow.demanded.has(each))) continue;
    const readers = new Set(
      group.nodes.flatMap((each) => groups.flow.usersOf.get(each)!.map(({ to }) => groups.of(to)!)),
    );
    readers.delete(group);
    const [reader, another] = readers;
    if (reader === undefined || another !== undefined) continue;
    if (refuse(group, reader, { groups, ...rules }) === undefined) groups.merge(group, reader);
  }
}

/** Merges groups that read one value, neither of which needs the other: the value is then read once. */
export function joinSiblings(rules: Rules): void {
  const { groups } = rules;
  const signatures = new Map<Group, string | undefined>();
  const signatureOf = (group: Group): string | undefined => {
    if (!signatures.has(group)) signatures.set(group, signature(group));
    return signatures.get(group);
  };
  // Groups do not change, and what other groups become only adds ways for a circle: a refusal is final.
  const refused = new Map<Group, Set<Group>>();
  const joins = (a: Group, b: Group): boolean => {
    const known = refused.get(a) ?? new Set();
    if (known.has(b)) return false;
    if (refuse(a, b, rules) === undefined) return true;
    refused.set(a, known.add(b));
    return false;
  };

  for (const node of groups.flow.computing) {
    const own = groups.of(node);
    for (let merged = true; merged; ) {
      const readers = new Set(groups.flow.usersOf.get(node)!.map(({ to }) => groups.of(to)!));
      readers.delete(own!);
      // Updates of several variables share the learning rate, say: apart they stay equal, and equal ones share a launch.
      if (sizeOf(node.shape) === 1)
        for (const group of readers) if (rules.updates.has(group.nodes[0]!) && !isScalar(group)) readers.delete(group);
      merged = mergeFirst(groups, siblingsAmong(readers, signatureOf), joins);
    }
  }
}

const isScalar = ({ nodes }: Group): boolean => nodes.every(({ shape }) => sizeOf(shape) === 1);

/** Each group with the siblings after it. Only loops of equal shape gain: maps over as many elements, or reductions to as many rows. */
function* siblingsAmong(
  readers: Iterable<Group>,
  signatureOf: (group: Group) => string | undefined,
): Iterable<readonly [Group, readonly Group[]]> {
  const alike = new Map<string, Group[]>();
  for (const group of readers) {
    const shape = signatureOf(group);
    if (shape === undefined) continue;
    const siblings = alike.get(shape);
    if (siblings === undefined) alike.set(shape, [group]);
    else siblings.push(group);
  }
  for (const siblings of alike.values())
    for (const [index, group] of siblings.entries()) yield [group, siblings.slice(index + 1)];
}

/** Merges the first pair that may join; false when there is none. */
function mergeFirst(
  groups: Groups,
  pairs: Iterable<readonly [Group, readonly Group[]]>,
  joins: (a: Group, b: Group) => boolean,
): boolean {
  for (const [a, others] of pairs) {
    const b = others.find((other) => joins(a, other));
    if (b === undefined) continue;
    groups.merge(a, b);
    return true;
  }
  return false;
}

function signature(group: Group): string | undefined {
  if (group.nodes.some((node) => roleOf(node) === "contraction" || roleOf(node) === "alone")) return undefined;
  const reducer = group.nodes.find((node) => roleOf(node) === "reducer");
  return reducer === undefined
    ? `map ${loopSize(group.nodes.at(-1)!)}`
    : `rows ${sizeOf(reducer.shape)} of ${sizeOf(reducer.inputs[0]!.shape)}`;
}

/** Nodes whose only purpose is the new value of an input: maps back from the replacing outputs, while nothing else reads them. */
export function updatesOf(flow: Flow, replacing: ReadonlySet<Node>): Set<Node> {
  const updates = new Set<Node>();
  const others = new Set(flow.graph.outputs.filter((output) => !replacing.has(output)));
  for (const node of [...flow.computing].reverse()) {
    // A view that was asked for belongs to whoever makes the value.
    if (roleOf(node) !== "map" || kindOf(node) === "view" || others.has(node)) continue;
    const users = flow.usersOf.get(node)!;
    if ((replacing.has(node) || users.length > 0) && users.every(({ to }) => updates.has(to))) updates.add(node);
  }
  return updates;
}

/**
 * The views through which updates read what is made elsewhere in another order (the permuted gradient of a convolution's kernel):
 * whoever makes the value should write it in that order, so that all updates are the same plain loop.
 */
export function viewsOfUpdates(flow: Flow, updates: ReadonlySet<Node>): Node[] {
  const views = new Set<Node>();
  for (const { from, to, flat, operand, repeats } of [...updates].flatMap((node) => flow.readsOf.get(node)!)) {
    if (!flat && repeats === 1 && roleOf(to) === "map" && !updates.has(from)) views.add(to.inputs[operand]!);
  }
  return [...views];
}
