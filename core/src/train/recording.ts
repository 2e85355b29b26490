import type { HostExamples } from "../data/index.ts";
import type { Callback } from "./callbacks/callback.ts";
import type { Step, Times } from "./loop.ts";
import type { Batch, Trainable } from "./step.ts";

/** A training that is about to begin, for those who record and steer it. */
export interface Attended {
  readonly model: Trainable;
  /** One step of training inside of a trace, as `trainStep` compiles it. */
  readonly body: (batch: Batch) => void;
  readonly trainStep: Step;
  readonly testStep: Step;
  /** All examples that are in memory; of data that come in batches, the first batch (and of validation the first thousand). */
  readonly examples: HostExamples;
  readonly validation: HostExamples | undefined;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly times: Times;
}

/** Records a training, and may steer it: see `chainrule/session`. A callback that also has the say over the step. */
export interface Recording extends Callback {
  /** Before the first step. Returns the step that runs in the place of the plain one. */
  attend(training: Attended): Step;
  /** The training is over: as it should be, or by an error. */
  conclude(error?: unknown): Promise<void>;
}

/** What `fit({ studio })` takes: where runs are kept, and what they are called. */
export interface StudioOptions {
  /** Folder of runs. Default "runs". */
  readonly folder?: string | undefined;
  /** Of this run; default: the model's name and the time. */
  readonly name?: string | undefined;
  readonly project?: string | undefined;
  /** Hyper-parameters of the user's own, for the table of runs. */
  readonly config?: { readonly [name: string]: string | number | boolean } | undefined;
  /** Names of the classes. Default: their numbers. */
  readonly classes?: readonly string[] | undefined;
  /** Examples whose predictions are followed. Default 32. */
  readonly probe?: number | undefined;
  /** Of the server. Default: any that is free. */
  readonly port?: number | undefined;
  /** False: records and obeys, but leaves serving to `chainrule studio`. Default true. */
  readonly serve?: boolean | undefined;
  /** Told the link of the page. Default: printed. */
  readonly onLink?: ((link: string) => void) | undefined;
}
