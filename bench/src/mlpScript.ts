// What a user would write for W2; bundled for W9's last line, never run.
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
