import type { Acknowledgement, Order } from "./commands.ts";
import type { RunDescription } from "./description.ts";

/** What happens rarely is told in JSON. `time` is in milliseconds since 1970; the step is that of the frame. */
export type RunEvent =
  | { readonly type: "run"; readonly run: RunDescription }
  | PhaseEvent
  | EpochEvent
  | ({ readonly type: "command" } & Order)
  | ({ readonly type: "acknowledgement"; readonly time: number } & Acknowledgement)
  | AlertEvent
  | EvaluationEvent
  | MistakesEvent
  | ProbeEvent
  | RecordingEvent
  | TellingEvent
  | NotFiniteEvent
  | { readonly type: "note"; readonly time: number; readonly text: string };

export type EventType = RunEvent["type"];

/** What the training does from now on. */
export interface PhaseEvent {
  readonly type: "phase";
  readonly time: number;
  readonly phase: Phase;
  /** Why, where it is no matter of course: "paused by the page", an error. */
  readonly reason?: string;
}
export type Phase = "compiling" | "training" | "evaluating" | "paused" | "done" | "stopped" | "failed";

/** An epoch is over. Epochs count from 0. */
export interface EpochEvent {
  readonly type: "epoch";
  readonly time: number;
  readonly epoch: number;
  readonly ms: number;
  readonly logs: { readonly [name: string]: number };
}

/** A rule of the doctor has something to say, or training met something out of the ordinary. */
export interface AlertEvent {
  readonly type: "alert";
  readonly time: number;
  readonly rule: string;
  readonly severity: "notice" | "warning" | "alarm";
  readonly title: string;
  readonly evidence: string;
  readonly remedy: string;
  readonly layer?: string;
}

/** What the model knew of a split at this step. `examples` is 0 where only figures were told (see `TellingEvent`). */
export interface EvaluationEvent {
  readonly type: "evaluation";
  readonly time: number;
  readonly split: "train" | "validation" | "test";
  readonly examples: number;
  readonly ms: number;
  readonly logs: { readonly [name: string]: number };
  /** Of classifiers: [true class, predicted class], row by row; names in `RunDescription.data.classes`. */
  readonly confusion?: readonly number[];
  readonly classes?: number;
}

/** An example that the model was asked about. Its picture is the slice with the same key. */
export interface JudgedExample {
  /** "validation/17": the split, and the place in it. */
  readonly key: string;
  readonly truth: number;
  readonly predicted: number;
  /** Of the predicted class. */
  readonly probability: number;
  readonly loss: number;
}

/** The examples that were the worst at this step: largest loss first. */
export interface MistakesEvent {
  readonly type: "mistakes";
  readonly time: number;
  readonly split: "train" | "validation" | "test";
  readonly examples: readonly JudgedExample[];
}

/**
 * The probe set: the same examples through the whole run. Their pictures are slices with their keys; what the model says of
 * them are slices with the key "probe" and the role "prediction", [examples, classes].
 */
export interface ProbeEvent {
  readonly type: "probe";
  readonly time: number;
  readonly split: "train" | "validation";
  readonly examples: readonly { readonly key: string; readonly truth: number }[];
}

/** What recording costs, and how often statistics are taken from now on. */
export interface RecordingEvent {
  readonly type: "recording";
  readonly time: number;
  /** Share of the time of training, of about its last two seconds; without what the beginning took: 0.007. */
  readonly share: number;
  /** Statistics each so many steps; 0: none. */
  readonly stride: number;
  /** What the last sample took. */
  readonly sampleMs?: number;
  /** With the first sample: what writing the beginning of the run took, and this sample, whose code had never run. */
  readonly openingMs?: number;
}

/**
 * How often evaluations tell more than their figures from now on (confusion, mistakes, probe set, what goes on inside): each
 * `every`-th, since telling takes `ms`, and `betweenMs` lie between two evaluations.
 */
export interface TellingEvent {
  readonly type: "telling";
  readonly time: number;
  readonly every: number;
  readonly ms: number;
  readonly betweenMs: number;
}

/** The numbers of one tensor, told for a report. */
export interface TensorReport {
  readonly name: string;
  readonly shape: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly zeros: number;
  readonly nonFinite: number;
  readonly count: number;
}

/** A step was not finite: its update was left out, unless nobody guards this training. `cause` is there once the step was replayed. */
export interface NotFiniteEvent {
  readonly type: "notFinite";
  readonly time: number;
  /** The first of them that was found: "loss", "gradientNorm". */
  readonly figure: string;
  readonly policy: "pause" | "skip" | "stop";
  /** False: its update was not left out. */
  readonly guarded?: false;
  readonly cause?: {
    /** The first operation with finite inputs and a result that is not. */
    readonly operation: string;
    readonly layer: string;
    /** Where the user wrote it ("loss.ts:41"), where that is known. */
    readonly source?: string;
    readonly direction: "forward" | "backward" | "update";
    readonly inputs: readonly TensorReport[];
    readonly output: TensorReport;
    /** Places in the output, at most 64: flat indices. */
    readonly places: readonly number[];
    readonly suggestion: string;
  };
}
