import { inScope, makeNode, type Node } from "../graph/node.ts";
import type { Cluster } from "./cluster.ts";

/** A new node with the value of `x`, so that it can have memory of its own: a reshape to the same shape. */
export const copyOf = (x: Node): Node => inScope(x.scope, () => makeNode("reshape", [x], { shape: x.shape }));

/** The cluster that copies a stored node. */
export const copyCluster = (copy: Node, reason: string): Cluster => ({
  kind: "loop",
  members: [copy],
  roots: [copy],
  reason,
});
