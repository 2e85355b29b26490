import { jit, type Layer, losses, type Optimizer, type Tensor, type Variable, valueAndGrad } from "chainrule";
import type { Repetition } from "./workload.ts";

/** One training step: the loss, its gradients, the optimizer's update. */
export type Step = (x: Tensor, y: Tensor) => Tensor;

/** The step that trains `variables`. */
const stepOf =
  (variables: readonly Variable[], optimizer: Optimizer, lossOf: (x: Tensor, y: Tensor) => Tensor): Step =>
  (x, y) => {
    const [loss, gradients] = valueAndGrad(() => lossOf(x, y), variables);
    optimizer.apply(gradients, variables);
    return loss;
  };

/** A jitted training step. Waits for the loss at every step, as loops do. */
export function training(
  variables: readonly Variable[],
  optimizer: Optimizer,
  lossOf: (x: Tensor, y: Tensor) => Tensor,
  [x, y]: readonly [Tensor, Tensor],
): Repetition {
  const step = jit(stepOf(variables, optimizer, lossOf), { name: "train" });
  return () => step(x, y).item();
}

const crossEntropy = losses.sparseCategoricalCrossentropy({ fromLogits: true });

const lossOf =
  (model: Layer) =>
  (x: Tensor, y: Tensor): Tensor =>
    crossEntropy.call(y, model(x, { training: true })).mean();

/** The step of a classifier made of layers, whose last one gives logits. */
export const classifierStep = (model: Layer, optimizer: Optimizer): Step =>
  stepOf(model.trainableVariables, optimizer, lossOf(model));

/** The same as a repetition. */
export const trainingOf = (model: Layer, optimizer: Optimizer, batch: readonly [Tensor, Tensor]): Repetition =>
  training(model.trainableVariables, optimizer, lossOf(model), batch);
