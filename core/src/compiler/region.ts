import type { Graph, Node } from "../graph/node.ts";
import type { Cluster, LoweredKernel } from "./cluster.ts";
import type { RowLoop } from "./scan/rowLoop.ts";

/** A graph cut into clusters. The clusters of scan and cond hold the regions of their bodies. */
export interface Region {
  readonly graph: Graph;
  readonly clusters: readonly Cluster[];
  /** The nodes that live in memory: inputs, roots of clusters, and barriers (which share their input's memory). */
  readonly stored: ReadonlySet<Node>;
  /** One region a body: [body] of a scan (or one a block of its rows), [then, else] of a cond. */
  readonly bodies: ReadonlyMap<Cluster, readonly Region[]>;
  /** The clusters of the scans that become kernels. */
  readonly rowLoops: ReadonlyMap<Cluster, RowLoop>;
}

/** A cluster with its kernels (none for loops and branches) and its bodies (none for the others). */
export interface Unit {
  readonly cluster: Cluster;
  readonly kernels: readonly LoweredKernel[];
  readonly bodies: readonly LoweredRegion[];
}

/** A region whose clusters have become kernels, in no particular order yet. */
export interface LoweredRegion {
  readonly graph: Graph;
  readonly stored: ReadonlySet<Node>;
  readonly units: readonly Unit[];
}

/** One step of a scheduled block: calls of equal kernels that run together, or a body that runs many times or by choice. */
export type Work =
  | { readonly kind: "launch"; readonly calls: readonly Call[] }
  | {
      readonly kind: "loop";
      readonly node: Node<"scan">;
      readonly picks: readonly Node<"pick">[];
      readonly body: Block;
    }
  | {
      readonly kind: "branch";
      readonly node: Node<"cond">;
      readonly picks: readonly Node<"pick">[];
      readonly whenTrue: Block;
      readonly whenFalse: Block;
    };

/** One kernel of one cluster. */
export type Call = LoweredKernel;

/** The works of one graph, in the order of running. */
export interface Block {
  readonly graph: Graph;
  readonly works: readonly Work[];
}
