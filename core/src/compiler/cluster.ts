import type { Node } from "../graph/node.ts";
import type { Kernel } from "../kernel/ir.ts";

/**
 * What `fuse` makes and `lower` reads: the nodes that one kernel (or a fixed small sequence of kernels) computes.
 * Every input of a member is a member, a stored node (root of another cluster, program input), or recomputed here: cheap
 * views, sources and maps may be members of several clusters.
 */
export interface Cluster {
  readonly kind: "loop" | "norm" | "contract" | "attention" | "opaque" | "scan" | "cond";
  /** All nodes computed inside, in topological order. */
  readonly members: readonly Node[];
  /** The members that are written to memory. */
  readonly roots: readonly Node[];
  /** The rule that ended the cluster, in words; found when it is asked for. */
  readonly reason: string;
}

/** Memory that only the kernels of one cluster use (packed panels, partial sums, sort buffers). */
export interface Temporary {
  readonly kind: "temporary";
  readonly name: string;
  readonly bytes: number;
}

/** A kernel together with what its buffers stand for. */
export interface LoweredKernel {
  readonly kernel: Kernel;
  /** One a buffer that is not scratch: the stored node or temporary that is bound there. */
  readonly arguments: readonly (Node | Temporary)[];
  readonly params: readonly number[];
  readonly tasks: number;
  /**
   * Pairs (written root, read node) that may share memory: every element of the read node is only read by the task and
   * iteration that writes the same element of the root, and before the write.
   */
  readonly inPlace: readonly (readonly [Node, Node])[];
}
