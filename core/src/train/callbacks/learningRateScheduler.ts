import type { Optimizer } from "../../optim/index.ts";
import type { Callback, Logs, TrainingControl } from "./callback.ts";

export interface LearningRateSchedulerOptions {
  /** Tells the learning rate of each epoch. Default false. */
  readonly verbose?: boolean | undefined;
}

/** Sets the learning rate before each epoch: `schedule` gets the epoch and the present rate. The history has it as `learningRate`. */
export const learningRateScheduler = (
  schedule: (epoch: number, learningRate: number) => number | Promise<number>,
  { verbose = false }: LearningRateSchedulerOptions = {},
): Callback => ({
  onEpochBegin: async (epoch, { model, tell }) => {
    for (const optimizer of model.objective.optimizer.each) {
      const rate = await schedule(epoch, await optimizer.learningRate.item());
      optimizer.setLearningRate(rate);
      if (verbose) tell(`Epoch ${epoch + 1}: LearningRateScheduler setting learning rate to ${printRate(rate)}.`);
    }
  },
  figures: learningRates,
});

/** The digits that 32 bits have. */
export const printRate = (rate: number): string => String(Number(rate.toPrecision(7)));

/** The learning rate as a figure; those of several optimizers have their names. */
export async function learningRates({ model }: TrainingControl): Promise<Logs> {
  const { each } = model.objective.optimizer;
  const named = (optimizer: Optimizer, at: number): string => {
    const before = each.slice(0, at).filter(({ name }) => name === optimizer.name).length;
    return each.length === 1 ? "learningRate" : `learningRate_${optimizer.name}${before === 0 ? "" : `_${before}`}`;
  };
  const rates = await Promise.all(each.map(async ({ learningRate }) => learningRate.item()));
  return Object.fromEntries(each.map((optimizer, at) => [named(optimizer, at), rates[at]!]));
}
