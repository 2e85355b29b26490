import { ArgumentError } from "../../base/errors.ts";
import { demandKinds, type KindsOf } from "../../base/kinds.ts";
import type { Callback } from "./callback.ts";
import { learningRates, printRate } from "./learningRateScheduler.ts";
import { figureIn, finiteOrNull, isBetter, type MonitorOptions, monitorKinds, numberIn, signOf } from "./monitor.ts";

export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** What the learning rate is multiplied by. Default 0.1. */
  readonly factor?: number | undefined;
  /** Epochs without improvement before it is. Default 10. */
  readonly patience?: number | undefined;
  /** Changes smaller than this are none. Default 1e-4. */
  readonly minDelta?: number | undefined;
  /** Epochs that do not count after a change. Default 0. */
  readonly cooldown?: number | undefined;
  /** The learning rate stays above this. Default 0. */
  readonly minLearningRate?: number | undefined;
}

const kinds: KindsOf<ReduceLROnPlateauOptions> = {
  ...monitorKinds,
  factor: "number",
  patience: "whole",
  minDelta: "number",
  cooldown: "whole",
  minLearningRate: "notNegative",
};

/** Lowers the learning rate when a figure has stopped improving. */
export function reduceLROnPlateau(options: ReduceLROnPlateauOptions = {}): Callback {
  demandKinds("reduceLROnPlateau", options, kinds);
  const {
    monitor = "valLoss",
    factor = 0.1,
    patience = 10,
    minDelta = 1e-4,
    cooldown = 0,
    minLearningRate = 0,
  } = options;
  if (!(factor >= 0 && factor < 1))
    throw new ArgumentError(`reduceLROnPlateau: factor must be at least 0 and below 1, received ${factor}`);
  const never = Number.NEGATIVE_INFINITY;
  let best = never;
  let waited = 0;
  let cooling = 0;
  let sign = -1;
  return {
    onTrainBegin: ({ model }) => {
      sign = signOf(options, model);
      [best, waited, cooling] = [never, 0, 0];
    },
    figures: learningRates,
    onEpochEnd: async (epoch, logs, control) => {
      const figure = figureIn(logs, monitor, "reduceLROnPlateau", control);
      if (figure === undefined) return;
      const value = sign * figure;
      if (cooling > 0) {
        cooling--;
        waited = 0;
      }
      if (isBetter(value, best, minDelta)) {
        best = value;
        waited = 0;
        return;
      }
      if (cooling > 0 || ++waited < patience) return;
      for (const optimizer of control.model.objective.optimizer.each) {
        const rate = await optimizer.learningRate.item();
        // The rate has 32 bits: the least one, rounded so, is not above itself.
        if (!(rate > Math.fround(minLearningRate))) continue;
        const next = Math.max(rate * factor, minLearningRate);
        optimizer.setLearningRate(next);
        if (options.verbose === true)
          control.tell(`Epoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${printRate(next)}.`);
        [waited, cooling] = [0, cooldown];
      }
    },
    state: () => ({ values: { best: finiteOrNull(best), waited, cooling } }),
    restore: (values) => {
      best = numberIn(values, "best", never);
      waited = numberIn(values, "waited", 0);
      cooling = numberIn(values, "cooling", 0);
    },
  };
}
