import type {
  CheckpointReference,
  EpochEvent,
  NotFiniteEvent,
  Phase,
  RecordingEvent,
  RunDescription,
  RunListing,
  SeriesDefinition,
  SliceRole,
  TensorDefinition,
} from "chainrule/record";
import type { Split } from "../data/examples.ts";
import type { AlertAt, Marker } from "../data/journal.ts";
import type { At } from "../data/search.ts";
import type { Asks } from "./asks.ts";
import type { NamedFile } from "./fileSource.ts";

/** Where the worker takes runs from. */
export type SourceChoice =
  | { readonly kind: "http"; readonly base: string }
  | { readonly kind: "files"; readonly files: readonly NamedFile[] }
  /** The end of a channel to a training in a worker of this browser. */
  | { readonly kind: "port"; readonly port: MessagePort }
  | { readonly kind: "memory"; readonly runs: readonly { readonly id: string; readonly bytes: Uint8Array }[] };

/** What of a run is small enough to be at hand on the page; all else is asked for. */
export interface Digest {
  readonly id: string;
  readonly bytes: number;
  readonly step: number;
  /** Rises with every change of the log. */
  readonly version: number;
  readonly phase: Phase;
  readonly reason: string;
  readonly description: RunDescription | undefined;
  readonly series: readonly SeriesDefinition[];
  readonly tensors: readonly TensorDefinition[];
  readonly markers: readonly Marker[];
  readonly alerts: readonly AlertAt[];
  readonly notFinite: readonly At<NotFiniteEvent>[];
  readonly checkpoints: readonly At<CheckpointReference>[];
  readonly recording: RecordingEvent | undefined;
  readonly epoch: EpochEvent | undefined;
  /** Declared parameters and their present values. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly frozen: readonly string[];
  /** Roles of slices that there are, and the layers that have them. */
  readonly slices: Readonly<Partial<Record<SliceRole, readonly string[]>>>;
  /** Parts of the data that were evaluated. */
  readonly splits: readonly Split[];
  /** Whether the kernels of some steps were timed. */
  readonly timed: boolean;
  /** Why the log could not be read to its end. */
  readonly damage: string | undefined;
  /** Whether all bytes that the source had were read. */
  readonly complete: boolean;
}

/** The last value of each series of a run, for the table. */
export interface RunRow extends RunListing {
  readonly loaded: boolean;
}

export type Connection = "reading" | "live" | "retrying" | "still";

export type ToWorker =
  | { readonly kind: "open"; readonly source: SourceChoice }
  | { readonly kind: "watch"; readonly runs: readonly string[] }
  | { readonly kind: "visible"; readonly visible: boolean }
  | { readonly kind: "ask"; readonly id: number; readonly name: keyof Asks; readonly params: unknown };

export type FromWorker =
  /** What comes from here on is about the source that was opened last. */
  | { readonly kind: "opened" }
  | { readonly kind: "rows"; readonly rows: readonly RunRow[] }
  | { readonly kind: "digest"; readonly digest: Digest }
  | { readonly kind: "connection"; readonly connection: Connection; readonly words: string }
  | { readonly kind: "answer"; readonly id: number; readonly value?: unknown; readonly error?: string };
