import { DataError } from "../../base/errors.ts";
import { demandKinds, type KindsOf } from "../../base/kinds.ts";
import { type Variable, variable } from "../../tensor/index.ts";
import type { Callback, TrainingControl } from "./callback.ts";
import { figureIn, finiteOrNull, isBetter, type MonitorOptions, monitorKinds, numberIn, signOf } from "./monitor.ts";

export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without improvement that end the training; 0 is the same as 1. Default 0. */
  readonly patience?: number | undefined;
  /** Changes smaller than this are none. Default 0. */
  readonly minDelta?: number | undefined;
  /** The figure must get better than this, too. */
  readonly baseline?: number | undefined;
  /** Puts the weights of the best epoch back at the end. Default false. */
  readonly restoreBestWeights?: boolean | undefined;
  /** Epochs before this one do not count. Default 0. */
  readonly startFromEpoch?: number | undefined;
}

const kinds: KindsOf<EarlyStoppingOptions> = {
  ...monitorKinds,
  patience: "whole",
  minDelta: "number",
  baseline: "number",
  restoreBestWeights: "flag",
  startFromEpoch: "whole",
};

/** Stops training when a figure has stopped improving. */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  demandKinds("earlyStopping", options, kinds);
  const { monitor = "valLoss", patience = 0, minDelta = 0, baseline, startFromEpoch = 0 } = options;
  const never = Number.NEGATIVE_INFINITY;
  let best = never;
  let waited = 0;
  let sign = -1;
  let bestEpoch = 0;
  let stoppedEpoch: number | undefined;
  /** The best weights so far, one for each Variable of the model. */
  let weights: readonly Variable[] = [];

  const keep = ({ model }: TrainingControl): void => {
    if (options.restoreBestWeights === true) weights = model.variables.map((each) => variable(each.read()));
  };
  return {
    onTrainBegin: ({ model }) => {
      sign = signOf(options, model);
      best = never;
      waited = 0;
      weights = [];
      bestEpoch = 0;
      stoppedEpoch = undefined;
    },
    onEpochEnd: (epoch, logs, control) => {
      const figure = figureIn(logs, monitor, "earlyStopping", control);
      if (figure === undefined || epoch < startFromEpoch) return;
      const value = sign * figure;
      if (weights.length === 0) keep(control);
      waited++;
      if (isBetter(value, best, minDelta)) {
        best = value;
        bestEpoch = epoch;
        keep(control);
        if (baseline === undefined || isBetter(value, sign * baseline, minDelta)) waited = 0;
        return;
      }
      if (waited < patience || epoch === 0) return;
      stoppedEpoch = epoch;
      control.stop();
    },
    onTrainEnd: (_logs, { model, tell }) => {
      if (options.verbose === true) {
        if (stoppedEpoch !== undefined) tell(`Epoch ${stoppedEpoch + 1}: early stopping`);
        if (weights.length > 0) tell(`Restoring model weights from the end of the best epoch: ${bestEpoch + 1}.`);
      }
      weights.forEach((weight, index) => {
        model.variables[index]?.assign(weight.read());
      });
      weights = [];
    },
    state: () => ({
      values: { best: finiteOrNull(best), waited, bestEpoch, stoppedEpoch },
      tensors: Object.fromEntries(weights.map((weight, index) => [String(index), weight])),
    }),
    restore: (values, tensors, { model }) => {
      best = numberIn(values, "best", never);
      waited = numberIn(values, "waited", 0);
      bestEpoch = numberIn(values, "bestEpoch", 0);
      const stopped = numberIn(values, "stoppedEpoch", -1);
      stoppedEpoch = stopped < 0 ? undefined : stopped;
      if (tensors.size === 0) return;
      weights = model.variables.map(({ shape, dtype }, index) => {
        const stored = tensors.get(String(index));
        if (stored === undefined)
          throw new DataError(`earlyStopping: the best weights of variable ${index} are missing`);
        return variable(shape, undefined, { dtype }).assignBytes(stored.bytes);
      });
    },
  };
}
