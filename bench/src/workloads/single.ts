import { jit, layers, sequential, type Tensor } from "chainrule";
import { uniform } from "./data.ts";
import type { Workload } from "./workload.ts";

/** The model, the one example, and a compiled prediction. */
function prediction(): () => Tensor {
  const model = sequential([
    layers.input([784]),
    layers.dense(128, { activation: "relu" }),
    layers.dense(10, { activation: "softmax" }),
  ]);
  const predict = jit((x: Tensor) => model(x, { training: false }), { name: "predict" });
  const example = uniform([1, 784]);
  return () => predict(example);
}

export const W7: Workload = {
  title: "prediction of one example, MLP 784-128-10, awaited and synchronous",
  cases: [
    {
      name: "W7 predict",
      unit: "µs",
      amount: 1e6,
      prepare: async () => {
        const predict = prediction();
        return () => predict().data();
      },
    },
    {
      name: "W7 predict sync",
      unit: "µs",
      amount: 1e6,
      prepare: async () => {
        const predict = prediction();
        return () => predict().dataSync();
      },
    },
  ],
};
