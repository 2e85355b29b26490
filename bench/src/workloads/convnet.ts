import { layers, optimizers, type Sequential, sequential } from "chainrule";
import { labels, uniform } from "./data.ts";
import { trainingOf } from "./training.ts";
import type { Workload } from "./workload.ts";

const batch = 64;

export const convnet = (): Sequential =>
  sequential([
    layers.input([28, 28, 1]),
    layers.conv2d(32, 3, { activation: "relu" }),
    layers.maxPooling2d(2),
    layers.conv2d(64, 3, { activation: "relu" }),
    layers.maxPooling2d(2),
    layers.conv2d(128, 3, { activation: "relu" }),
    layers.flatten(),
    layers.dense(10),
  ]);

export const W3: Workload = {
  title: "convnet 32-64-128 on 28×28×1, batch 64, Adam",
  cases: [
    {
      name: "W3 train",
      unit: "examples/s",
      amount: batch,
      prepare: async () => trainingOf(convnet(), optimizers.adam(), [uniform([batch, 28, 28, 1]), labels([batch], 10)]),
    },
  ],
};
