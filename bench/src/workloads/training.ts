import { jit, type Layer, losses, type Optimizer, type Tensor, type Variable, valueAndGrad } from "chainrule";
import type { Repetition } from "./workload.ts";

/** A jitted training step: the loss, its gradients, the optimizer's update. Waits for the loss at every step, as loops do. */
export function training(
  variables: readonly Variable[],
  optimizer: Optimizer,
  lossOf: (x: Tensor, y: Tensor) => Tensor,
  [x, y]: readonly [Tensor, Tensor],
): Repetition {
  const step = jit(
    (input: Tensor, target: Tensor) => {
      const [loss, gradients] = valueAndGrad(() => lossOf(input, target), variables);
      optimizer.apply(gradients, variables);
      return loss;
    },
    { name: "train" },
  );
  return () => step(x, y).item();
}

const crossEntropy = losses.sparseCategoricalCrossentropy({ fromLogits: true });

/** The same for a classifier made of layers, whose last one gives logits. */
export const trainingOf = (model: Layer, optimizer: Optimizer, batch: readonly [Tensor, Tensor]): Repetition =>
  training(
    model.trainableVariables,
    optimizer,
    (x, y) => crossEntropy.call(y, model(x, { training: true })).mean(),
    batch,
  );
