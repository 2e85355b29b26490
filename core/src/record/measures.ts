/** What a slice shows. */
export type SliceRole =
  /** An example's picture, as it is: values from 0 to 1 where it is an image. */
  | "example"
  /** Outputs for the probe set: [examples, classes]. */
  | "prediction"
  /** What a layer makes of one example: [height, width, channels], or [units]. */
  | "featureMap"
  /** Kernels of a convolution: [height, width, in, out]; weights of a dense layer: [in, out]. */
  | "weights"
  | "saliency"
  | "gradCam"
  /** [heads, queries, keys]. */
  | "attention"
  /** [examples, features]; `labels` beside it. */
  | "embedding"
  /**
   * Examples that are far from the rest, the farthest first; `labels`: their classes. A row: number of the example, what is said of it,
   * how probable, loss, loss and distance of its features from those of its class as shares of where far begins, the class whose
   * features are nearest (NaN where the distance is not far).
   */
  | "outlier"
  /** [height, width] over `extent`: the class (or the unit's value) at each point of the plane. */
  | "boundary"
  /** How often each unit of a layer is not 0, of all examples of the probe set and positions: [units]. 0: a dead one. */
  | "activity"
  /** [height, width] of losses. */
  | "landscape";

/** A piece of a tensor, for the eye: the head of a frame of kind "slice". Its numbers follow, row by row. */
export interface SliceHead {
  /** Unique together with the role, the layer and the step: "validation/17", "probe". */
  readonly key: string;
  readonly role: SliceRole;
  /** A `LayerNode.id`. */
  readonly layer?: string;
  readonly shape: readonly number[];
  readonly dtype: "u8" | "f16" | "f32";
  /** A u8 means offset + scale · u8. */
  readonly scale?: number;
  readonly offset?: number;
  /** Of points in the plane: [left, right, bottom, top]. */
  readonly extent?: readonly number[];
  /** Class of each row. */
  readonly labels?: readonly number[];
}

/** One bar of the time line; times in milliseconds since `Spans.time`. */
export interface Span {
  readonly name: string;
  readonly level: "step" | "phase" | "layer" | "kernel";
  readonly layer?: string;
  readonly start: number;
  readonly ms: number;
  readonly count?: number;
  readonly multiplyAdds?: number;
  readonly bytes?: number;
}

/** What some steps did when. */
export interface Spans {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** How finely the clock counts. */
  readonly precisionMs: number;
  readonly spans: readonly Span[];
}

export const memoryOwners = ["weights", "optimizer", "activations", "gradients", "data", "other"] as const;
export type MemoryOwner = (typeof memoryOwners)[number];

/** What lies in the device's memory. */
export interface MemoryReport {
  readonly time: number;
  readonly device: string;
  readonly bytes: number;
  readonly peakBytes: number;
  readonly owners: { readonly [O in MemoryOwner]?: number };
  /** The largest tensors when most was alive. */
  readonly peak?: readonly { readonly name: string; readonly layer: string; readonly bytes: number }[];
  /** Intermediate results of a step, the largest: from which of its `steps` parts to which each is alive. */
  readonly results?: {
    readonly steps: number;
    readonly list: readonly {
      readonly name: string;
      readonly layer: string;
      readonly bytes: number;
      readonly from: number;
      readonly to: number;
    }[];
  };
  readonly allocations?: AllocationLog;
}

/**
 * What the allocator did: one line for each piece of memory that was given, or given back. The first report has the beginning of the
 * training, others the steps whose kernels were listened to.
 */
export interface AllocationLog {
  /** [milliseconds before the report, number of the piece, bytes (negative: given back), place in `names`]; oldest first. */
  readonly events: readonly (readonly [ms: number, id: number, bytes: number, name: number])[];
  readonly names: readonly string[];
  /** Of each name, its place in `memoryOwners`. */
  readonly owners: readonly number[];
}

/** A state of the whole training that can be gone back to. */
export interface CheckpointReference {
  /** Unique in the run. */
  readonly id: string;
  readonly time: number;
  readonly epoch: number;
  /** Steps of that epoch. */
  readonly stepOfEpoch: number;
  /** "automatic": before a command that may have to be undone; "asked"; "epoch". */
  readonly cause: "automatic" | "asked" | "epoch" | "stop";
  /** The command that it was made before. */
  readonly before?: string;
  readonly bytes: number;
  /** The blob that holds it; kept only in memory where there is none. */
  readonly sha256?: string;
}

/** Each MiB of a log: what lies between the last index and this one. */
export interface IndexReport {
  /** Offset of the index before; 0 for none. */
  readonly previous: number;
  readonly firstStep: number;
  readonly lastStep: number;
  readonly frames: { readonly [kind: string]: number };
}
