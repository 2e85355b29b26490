import type { StoredTensor } from "../../formats/index.ts";
import type { DataPlace } from "../feed.ts";
import type { State } from "../state.ts";
import type { Trainable } from "../step.ts";

export type Logs = Readonly<Record<string, number>>;

/** A place between two steps: `step` steps of `epoch` are done. Both count from 0. */
export interface Position {
  readonly epoch: number;
  readonly step: number;
}

/** What a callback can see and do. */
export interface TrainingControl {
  readonly model: Trainable;
  /** Epochs and steps of the whole run; steps are undefined for data of unknown length. */
  readonly epochs: number;
  readonly steps: number | undefined;
  readonly batchSize: number;
  /** The part of the present epoch, from 0 to 1, in which the device stood still because data were not ready. */
  readonly dataWait: number;
  /** Whether the present epoch is one that ends with a validation, as far as there is anything to validate on. */
  readonly validates: boolean;
  /** Ends the training after the present step. */
  stop(): void;
  /** Writes a line where progress goes. */
  tell(text: string): void;
  /** Makes the Variables of a model that makes them at its first call. */
  build(): void;
  /** The state of the training besides that of the model, as it is between two steps. */
  snapshot(): RunSnapshot;
  /** Validates now, in `onBatchBegin`; the running figures of the epoch stay. Undefined where there is nothing to validate on. */
  evaluate(): Promise<Logs | undefined>;
  /**
   * Goes on from a snapshot; only in `onTrainBegin`, and in `onBatchBegin`, whose batch is then left out. The model's own state is
   * the caller's to put back.
   */
  resume(snapshot: RunSnapshot, tensors: ReadonlyMap<string, StoredTensor>): void;
}

/** What a callback remembers, as plain JSON and tensors. */
export interface CallbackState {
  readonly values: unknown;
  readonly tensors?: Readonly<Record<string, State>>;
}

/** Where a training is, and what it has seen: all that the model does not hold. */
export interface RunSnapshot {
  readonly position: Position;
  /** Decides the orders of the data. */
  readonly seed: number;
  readonly stopped: boolean;
  /** Epochs and figures of this run, and of all runs of the model. */
  readonly run: Recorded;
  readonly whole: Recorded;
  /** What the callbacks remember, in their order. */
  readonly callbacks: readonly (CallbackState | null)[];
  /** Where a data set stands that goes on from epoch to epoch. */
  readonly data: DataPlace | undefined;
}
export interface Recorded {
  readonly epoch: readonly number[];
  readonly history: Readonly<Record<string, readonly number[]>>;
}

/** Listens to training; all hooks are optional, and a promise is waited for. Epochs and steps count from 0. */
export interface Callback {
  onTrainBegin?(control: TrainingControl): void | Promise<void>;
  onEpochBegin?(epoch: number, control: TrainingControl): void | Promise<void>;
  onBatchBegin?(step: number, control: TrainingControl): void | Promise<void>;
  /** Asking for it costs a read of the running figures at every step. */
  onBatchEnd?(step: number, logs: Logs, control: TrainingControl): void | Promise<void>;
  /** Around the validation after an epoch. */
  onTestBegin?(control: TrainingControl): void | Promise<void>;
  onTestEnd?(logs: Logs, control: TrainingControl): void | Promise<void>;
  /** `logs` holds the epoch's figures, those of validation with the prefix `val`. */
  onEpochEnd?(epoch: number, logs: Logs, control: TrainingControl): void | Promise<void>;
  /** Figures that the callback adds to those of an epoch, before they are recorded and told. */
  figures?(control: TrainingControl): Logs | Promise<Logs>;
  /** After `onEpochEnd` of all callbacks: the place to undo what one of them did for the others. */
  onEpochOver?(control: TrainingControl): void | Promise<void>;
  onTrainEnd?(logs: Logs, control: TrainingControl): void | Promise<void>;
  /**
   * A step has been sent to the device, or an epoch is over and all callbacks have heard of it. Costs nothing: it waits for no
   * figures, and the step may still be under way; what is read of Variables now is what they are after it.
   */
  onPosition?(position: Position, control: TrainingControl): void | Promise<void>;
  /** What a checkpoint must hold, so that training can go on from it as if it had never been stopped. */
  state?(): CallbackState;
  /** Takes back what `state` gave; it comes from a file, `tensors` too. */
  restore?(values: unknown, tensors: ReadonlyMap<string, StoredTensor>, control: TrainingControl): void;
}
