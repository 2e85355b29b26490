import type { RunSink } from "../observe/index.ts";
import type { Command, CommandType, Json, ParameterDefinition, RunDescription } from "../record/index.ts";
import type { BlobStore } from "./checkpoints.ts";
import type { Mailbox } from "./mailbox.ts";

/** A number of the training that may be changed while it goes on. */
export interface Parameter extends Omit<ParameterDefinition, "value"> {
  get(): number | Promise<number>;
  set(value: number): void;
}

/** What to do when a step is not finite. Its update is left out in any case. */
export type NotFinitePolicy = "pause" | "skip" | "stop";

/** Where a run is written. */
export interface RunPlace {
  /** Of the run: letters, digits, ".", "_", "-". */
  readonly id: string;
  readonly sink: RunSink;
  /** Bytes of the log that are there already, when a run goes on. */
  readonly offset?: number;
  /** Where checkpoints go; without it they are kept in memory. */
  readonly blobs?: BlobStore | undefined;
  /** Takes the description, written beside the log once it is known. */
  readonly describe?: ((run: RunDescription) => void) | undefined;
}

export interface RecordingOptions {
  readonly place: RunPlace;
  /** For people. Default: the id. */
  readonly name?: string | undefined;
  readonly project?: string | undefined;
  /** Hyper-parameters of the user's own, for the table of runs. */
  readonly config?: { readonly [name: string]: Json } | undefined;
  /** Names of the classes. Default: their numbers. */
  readonly classes?: readonly string[] | undefined;
  /** Parameters besides the learning rate. */
  readonly parameters?: readonly Parameter[] | undefined;
  /** Where commands and questions come from. Without one nothing can be steered. */
  readonly mailbox?: Mailbox | undefined;
  /** Default "pause" where there is a mailbox, and "skip" without one: nobody could end the pause. */
  readonly notFinite?: NotFinitePolicy | undefined;
  /**
   * Leaves steps out whose gradients are not finite. Default true. With it and without it a recorded training is that of an
   * unrecorded one to the last bit, as long as its gradients are finite.
   */
  readonly guard?: boolean | undefined;
  /** Examples whose predictions are followed. Default 32; 0: none. */
  readonly probe?: number | undefined;
  /** Statistics of weights, gradients, updates and activations: how much time they may take, as a share. Default 0.01; 0: none. */
  readonly statistics?: number | undefined;
  /**
   * What evaluations tell besides their figures: how much of the time between two tellings it may take, as a share; others are
   * skipped. Default 0.1; Infinity: each evaluation tells.
   */
  readonly telling?: number | undefined;
  /** Orders of an earlier run, by the step at which they were obeyed: they are given again. */
  readonly replay?: readonly { readonly step: number; readonly command: Command }[] | undefined;
  /** Commands that are refused in any case, and why. */
  readonly refused?: { readonly [T in CommandType]?: string } | undefined;
  /** Where a run that branches off is written. */
  readonly branch?: ((parent: string) => RunPlace) | undefined;
}
