import { ArgumentError, suggest } from "../base/errors.ts";
import type { Tensor, Variable } from "../tensor/index.ts";
import type { Trainable } from "./step.ts";

export type Logs = Readonly<Record<string, number>>;

/** What a callback can see and do. */
export interface TrainingControl {
  readonly model: Trainable;
  /** Epochs and steps of the whole run; steps are undefined for data of unknown length. */
  readonly epochs: number;
  readonly steps: number | undefined;
  readonly batchSize: number;
  /** Ends the training after the present step. */
  stop(): void;
}

/** Listens to training; all hooks are optional, and a promise is waited for. Epochs and steps count from 0. */
export interface Callback {
  onTrainBegin?(control: TrainingControl): void | Promise<void>;
  onEpochBegin?(epoch: number, control: TrainingControl): void | Promise<void>;
  /** Asking for it costs a read of the running figures at every step. */
  onBatchEnd?(step: number, logs: Logs, control: TrainingControl): void | Promise<void>;
  /** `logs` holds the epoch's figures, those of validation with the prefix `val`. */
  onEpochEnd?(epoch: number, logs: Logs, control: TrainingControl): void | Promise<void>;
  onTrainEnd?(logs: Logs, control: TrainingControl): void | Promise<void>;
}

/** What training recorded: the figures of each epoch. */
export class History {
  readonly epoch: number[] = [];
  readonly history: Record<string, number[]> = {};

  record(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      this.history[name] ??= [];
      this.history[name].push(value);
    }
  }
}

export interface EarlyStoppingOptions {
  /** Default "valLoss". */
  readonly monitor?: string;
  /** Epochs without improvement that end the training; 0 is the same as 1. Default 0. */
  readonly patience?: number;
  /** Changes smaller than this are none. Default 0. */
  readonly minDelta?: number;
  /** Default: "max" for accuracies, otherwise "min". */
  readonly mode?: "min" | "max";
  /** Puts the weights of the best epoch back at the end. Default false. */
  readonly restoreBestWeights?: boolean;
}

/** Stops training when a figure has stopped improving. */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const { monitor = "valLoss", patience = 0, minDelta = 0, restoreBestWeights = false } = options;
  const sign = (options.mode ?? (/acc/i.test(monitor) ? "max" : "min")) === "max" ? 1 : -1;
  let best = Number.NEGATIVE_INFINITY;
  let waited = 0;
  let weights: readonly (readonly [Variable, Tensor])[] = [];
  return {
    onTrainBegin: () => {
      best = Number.NEGATIVE_INFINITY;
      waited = 0;
      weights = [];
    },
    onEpochEnd: (_epoch, logs, control) => {
      const value = logs[monitor];
      if (value === undefined) {
        throw new ArgumentError({
          what: `earlyStopping: training has no figure "${monitor}"`,
          hint: suggest(monitor, Object.keys(logs)),
        });
      }
      if (sign * value > best + minDelta) {
        best = sign * value;
        waited = 0;
        if (restoreBestWeights)
          weights = control.model.variables.map((variable) => [variable, variable.read()] as const);
      } else if (++waited >= Math.max(1, patience)) control.stop();
    },
    onTrainEnd: () => {
      for (const [variable, value] of weights) variable.assign(value);
      weights = [];
    },
  };
}

/** Stops training when the loss is NaN or infinite. */
export const terminateOnNaN = (): Callback => ({
  onBatchEnd: (_step, logs, control) => {
    if (!Number.isFinite(logs["loss"] ?? 0)) control.stop();
  },
});
