import { jit, layers, sequential, type Tensor } from "chainrule";
import { uniform } from "./data.ts";
import type { Workload } from "./workload.ts";

export const W7: Workload = {
  title: "prediction of one example, MLP 784-128-10, awaited",
  cases: [
    {
      name: "W7 predict",
      unit: "µs",
      amount: 1e6,
      prepare: async () => {
        const model = sequential([
          layers.input([784]),
          layers.dense(128, { activation: "relu" }),
          layers.dense(10, { activation: "softmax" }),
        ]);
        const predict = jit((x: Tensor) => model(x, { training: false }), { name: "predict" });
        const example = uniform([1, 784]);
        return () => predict(example).data();
      },
    },
  ],
};
