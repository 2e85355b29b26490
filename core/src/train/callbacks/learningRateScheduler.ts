import type { Callback } from "./callback.ts";

/** Sets the learning rate before each epoch: `schedule` gets the epoch and the present rate. */
export const learningRateScheduler = (
  schedule: (epoch: number, learningRate: number) => number | Promise<number>,
): Callback => ({
  onEpochBegin: async (epoch, { model }) => {
    const { optimizer } = model.objective;
    optimizer.setLearningRate(await schedule(epoch, await optimizer.learningRate.item()));
  },
});
