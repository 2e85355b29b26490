import { layers, optimizers, type Sequential, sequential } from "chainrule";
import { labels, uniform } from "./data.ts";
import { trainingOf } from "./training.ts";
import type { Workload } from "./workload.ts";

const batch = 128;

export const mlp = (): Sequential =>
  sequential([
    layers.input([784]),
    layers.dense(512, { activation: "relu" }),
    layers.dense(512, { activation: "relu" }),
    layers.dense(10),
  ]);

export const W2: Workload = {
  title: "MLP 784-512-512-10, batch 128, Adam",
  cases: [
    {
      name: "W2 train",
      unit: "examples/s",
      amount: batch,
      prepare: async () => trainingOf(mlp(), optimizers.adam(), [uniform([batch, 784]), labels([batch], 10)]),
    },
  ],
};
