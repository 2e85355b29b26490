import type { Node } from "../../graph/node.ts";
import type { Cluster } from "../cluster.ts";
import { isBoundary } from "./flow.ts";
import { roleOf } from "./group.ts";

/**
 * Everything that a cluster with these roots computes: back from the roots to what is in memory. `inMemory` answers for nodes
 * outside the group.
 */
export function membersOf(roots: readonly Node[], inMemory: (node: Node) => boolean): Node[] {
  const members = new Set<Node>();
  const pending = [...roots];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (members.has(node)) continue;
    members.add(node);
    for (const source of node.inputs) if (!isBoundary(source) && !inMemory(source)) pending.push(source);
  }
  return [...members].sort((a, b) => a.id - b.id);
}

/** Which kind of cluster the nodes make. */
export function clusterKind(nodes: readonly Node[]): Cluster["kind"] {
  for (const node of nodes) {
    if (node.op === "scan" || node.op === "cond") return node.op;
    const role = roleOf(node);
    if (role === "contraction") return "contract";
    if (role === "alone" && node.op !== "pick") return "opaque";
  }
  return "loop";
}
