import type { Optimizer } from "../../optim/index.ts";
import type { Callback, Logs, TrainingControl } from "./callback.ts";

/** Sets the learning rate before each epoch: `schedule` gets the epoch and the present rate. The history has it as `learningRate`. */
export const learningRateScheduler = (
  schedule: (epoch: number, learningRate: number) => number | Promise<number>,
): Callback => ({
  onEpochBegin: async (epoch, { model }) => {
    for (const optimizer of model.objective.optimizer.each)
      optimizer.setLearningRate(await schedule(epoch, await optimizer.learningRate.item()));
  },
  figures: learningRates,
});

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
