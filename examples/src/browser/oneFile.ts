// The multilayer perceptron that others are measured by, as one file for a page: what it weighs is bounded by a test.
import { sequential, type Tensor } from "chainrule";
import * as layers from "chainrule/layers";

export async function train(x: Tensor, y: Tensor): Promise<void> {
  const model = sequential([
    layers.dense(512, { activation: "relu" }),
    layers.dense(512, { activation: "relu" }),
    layers.dense(10, { activation: "softmax" }),
  ]);
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
  await model.fit(x, y, { batchSize: 128, verbose: "silent" });
}
