import type { Node } from "./node.ts";

/** All nodes that `outputs` need, inputs before users (ascending id). Bodies of scan and cond are not entered. */
export function reachable(outputs: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  const pending = [...outputs];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    pending.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** For each node of `nodes`, the nodes that read it (once a user, however often it reads). */
export function usersOf(nodes: readonly Node[]): Map<Node, Node[]> {
  const users = new Map<Node, Node[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) for (const source of new Set(node.inputs)) users.get(source)?.push(node);
  return users;
}
