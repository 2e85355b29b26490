import type { Acknowledgement, Command } from "./commands.ts";
import type { RunDescription } from "./description.ts";
import type { Phase } from "./events.ts";

// What the page and the server of the studio say to each other. All of it needs the session's cookie.
//
//   GET  /api/session                     SessionAnswer
//   GET  /api/runs                        RunListing[], newest first
//   GET  /api/tail?run=ID:OFFSET&run=…    the stream of tail.ts; it goes on until the page ends it
//   GET  /api/runs/ID/log                 the log as bytes; Range is understood
//   GET  /api/runs/ID/blob/SHA256         a blob as bytes
//   GET  /api/runs/ID/doctor              Finding[]; the page may as well diagnose what it has read itself
//   GET  /api/query?run=ID&series=1,2&from=0&to=1000&pixels=500&axis=step    QueryAnswer
//   GET  /api/runs/ID/export/FORMAT       a file: "csv", "json", "tfevents"
//   POST /api/runs/ID/control             ControlRequest → ControlAnswer
//   POST /api/runs/ID/predict             PredictRequest → PredictAnswer
//   POST /api/runs/ID/request             OnDemandRequest → a log of its own (header and frames), flagged onDemand
//
// POSTs are JSON with the content type application/json, from the page's own origin. Errors are `ApiError` with a status of 400
// and more: 401 no session, 403 not allowed (host, origin, read-only), 404 unknown run or blob, 409 the run does not train now,
// 504 the training did not answer in time.

export interface ApiError {
  readonly error: string;
  readonly hint?: string;
}

export interface SessionAnswer {
  readonly version: string;
  /** Whether commands are refused: the server listens beyond this machine. */
  readonly readOnly: boolean;
}

/** What is known of a run without reading all of its log. */
export interface RunListing {
  readonly id: string;
  readonly state: RunState;
  /** Undefined while its first event is not written. */
  readonly run?: RunDescription;
  readonly bytes: number;
  /** Milliseconds since 1970: when the log last grew. */
  readonly modified: number;
  readonly step: number;
  /** The last value of each series: "loss", "validation/accuracy". */
  readonly figures: { readonly [series: string]: number };
  /** What the doctor finds, and what the log tells. */
  readonly alerts: number;
  /** The first step that was not finite. */
  readonly notFiniteAt?: number;
  readonly note?: string;
  /** Whether it can be steered: its process listens. */
  readonly steerable: boolean;
}
/** "lost": the log says that it trains, and nobody writes it any more. */
export type RunState = Phase | "lost";

export interface QueryAnswer {
  readonly x: readonly number[];
  readonly width: number;
  /** In the order of the question; null stands for a bucket without finite values. */
  readonly series: readonly {
    readonly id: number;
    readonly min: readonly (number | null)[];
    readonly max: readonly (number | null)[];
    readonly mean: readonly (number | null)[];
    readonly last: readonly (number | null)[];
    readonly nonFinite: readonly number[];
  }[];
}

export interface ControlRequest {
  readonly command: Command;
}
/** `acknowledgement` is missing where the training has not come to it yet: it will stand in the log. */
export interface ControlAnswer {
  readonly id: string;
  readonly acknowledgement?: Acknowledgement;
}

/** One input of the model, such as a drawn digit. */
export interface PredictRequest {
  /** Of `DataDescription.inputShape`, row by row; several examples one after the other, at most 64. */
  readonly input: readonly number[];
  /** Layers whose results are wanted too. */
  readonly layers?: readonly string[];
}
export interface PredictAnswer {
  readonly step: number;
  /** Of all examples, one after the other. */
  readonly output: readonly number[];
  readonly featureMaps: readonly {
    readonly layer: string;
    readonly shape: readonly number[];
    readonly values: readonly number[];
  }[];
}

/** What is computed because a page asks. The answer's frames are slices, histograms and spans. */
export type OnDemandRequest =
  /** What the model looks at: the gradient of the class's score with respect to the input. */
  | { readonly type: "saliency"; readonly input: ExampleInput; readonly class?: number }
  /** Selvaraju et al. 2017: which places of a convolution speak for the class. */
  | { readonly type: "gradCam"; readonly input: ExampleInput; readonly class?: number; readonly layer?: string }
  /** Results of a layer (the last but one, unless named) for examples of a split; "pca" gives two or three coordinates each. */
  | {
      readonly type: "embeddings";
      readonly split: "train" | "validation";
      readonly count: number;
      readonly layer?: string;
      readonly projection: "none" | "pca" | "tsne";
      readonly dimensions?: 2 | 3;
    }
  | { readonly type: "featureMaps"; readonly input: ExampleInput; readonly layers?: readonly string[] }
  | { readonly type: "weights"; readonly layer: string }
  /** Examples whose loss is far above the others', or whose features lie far from their class (slice "outlier"). */
  | { readonly type: "outliers"; readonly split: "train" | "validation" }
  /** What the layers before the first one that learns make of an example in training, in so many draws (slices "example"). */
  | { readonly type: "augmented"; readonly input: ExampleInput; readonly count?: number }
  /** Attention of a transformer's layers for an example. */
  | { readonly type: "attention"; readonly input: ExampleInput }
  /** What the model says of each point of the plane, or a unit's value. */
  | {
      readonly type: "boundary";
      readonly extent: readonly [number, number, number, number];
      readonly size: number;
      readonly layer?: string;
      readonly unit?: number;
    }
  /** Kernels of the next steps. */
  | { readonly type: "trace"; readonly steps: number }
  | { readonly type: "examples"; readonly keys: readonly string[] };

/** An example of the data by its key ("validation/17"), or numbers. */
export type ExampleInput = string | readonly number[];

/** Names of runs; nothing else is looked for on disk. */
export const runIdPattern = /^(?!\.+$)[A-Za-z0-9._-]{1,64}$/;
export const sha256Pattern = /^[0-9a-f]{64}$/;
