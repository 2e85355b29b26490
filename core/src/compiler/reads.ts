import type { Node } from "../graph/node.ts";
import type { Cluster } from "./cluster.ts";

/** The stored nodes that `cluster` reads from memory, each once, in order of appearance. */
export function readsOf(cluster: Cluster, stored: ReadonlySet<Node>): Node[] {
  const inside = new Set(cluster.members);
  const reads = new Set<Node>();
  for (const member of cluster.members) {
    for (const source of member.inputs) if (!inside.has(source) && stored.has(source)) reads.add(source);
  }
  return [...reads];
}

/** The stored nodes whose memory must be complete before `node` can be computed: itself when stored, else what it is made of. */
export function storedSources(node: Node, stored: ReadonlySet<Node>): Node[] {
  const found = new Set<Node>();
  const seen = new Set<Node>();
  const pending = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (stored.has(next)) found.add(next);
    else pending.push(...next.inputs);
  }
  return [...found];
}
