import { ArgumentError } from "../base/errors.ts";
import type { Outputs, Structure } from "../nn/index.ts";
import { type Tensor, type Variable, valueAndGrad } from "../tensor/index.ts";
import type { Objective } from "./objective.ts";

/** One batch on the device. */
export interface Batch {
  readonly x: Structure<Tensor>;
  readonly y?: Structure<Tensor>;
  /** [batch] */
  readonly sampleWeight?: Tensor;
}

/** What the training loop needs of a model. */
export interface Trainable {
  readonly name: string;
  readonly objective: Objective;
  readonly variables: readonly Variable[];
  readonly trainableVariables: readonly Variable[];
  compute(x: Structure<Tensor>, context: { readonly training: boolean }): Outputs;
  /** One step of training: changes Variables and running figures. Runs inside a trace. */
  trainStep(batch: Batch): void;
  /** Takes a batch into the running figures without training. */
  testStep(batch: Batch): void;
}

const demandTargets = (y: Structure<Tensor> | undefined): Structure<Tensor> => {
  if (y !== undefined) return y;
  throw new ArgumentError({ what: "there are no targets to train on", hint: "give { x, y }, or override trainStep" });
};

/** Forward, backward and update on one batch: the step that `fit` runs unless a model brings its own. */
export function trainStep(model: Trainable, { x, y, sampleWeight }: Batch): void {
  const { objective } = model;
  const targets = demandTargets(y);
  const variables = model.trainableVariables;
  let predicted: Outputs | undefined;
  const [loss, gradients] = valueAndGrad(() => {
    predicted = model.compute(x, { training: true });
    return objective.loss(targets, predicted, sampleWeight);
  }, variables);
  objective.optimizer.apply(gradients, variables);
  objective.update(loss, targets, predicted!, sampleWeight);
}

/** Forward on one batch, taken into the running figures. */
export function testStep(model: Trainable, { x, y, sampleWeight }: Batch): void {
  const targets = demandTargets(y);
  const predicted = model.compute(x, { training: false });
  const loss = model.objective.loss(targets, predicted, sampleWeight);
  model.objective.update(loss, targets, predicted, sampleWeight);
}
