import { ArgumentError } from "../../base/errors.ts";
import type { Callback, TrainingControl } from "./callback.ts";

export interface SwapEmaWeightsOptions {
  /** Also for the callbacks at the end of an epoch, so that what they save are the averages. Default false. */
  readonly swapOnEpoch?: boolean | undefined;
}

/** Validates with the moving averages of the weights; training goes on with the weights. Needs an optimizer with `useEma`. */
export function swapEmaWeights({ swapOnEpoch = false }: SwapEmaWeightsOptions = {}): Callback {
  let swapped = false;
  const swap = ({ model }: TrainingControl): void => {
    const { optimizer } = model.objective;
    for (const target of model.variables) {
      const ema = optimizer.slotsOf(target)?.["ema"];
      if (ema === undefined) continue;
      const [weight, average] = [target.read(), ema.read()];
      target.assign(average);
      ema.assign(weight);
    }
    swapped = !swapped;
  };
  return {
    onTrainBegin: ({ model }) => {
      if (model.objective.optimizer.each.some(({ common }) => common.useEma === true)) return;
      throw new ArgumentError({
        what: "swapEmaWeights: the optimizer keeps no averages",
        hint: "make it with { useEma: true }",
      });
    },
    onTestBegin: (control) => {
      if (!swapped) swap(control);
    },
    onTestEnd: (_logs, control) => {
      if (swapped) swap(control);
    },
    onEpochEnd: (_epoch, _logs, control) => {
      if (swapOnEpoch && !swapped) swap(control);
    },
    // After all callbacks of the epoch, and before the state of the training is written.
    onEpochOver: (control) => {
      if (swapped) swap(control);
    },
  };
}
