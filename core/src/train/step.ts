import { ArgumentError } from "../base/errors.ts";
import type { CallContext, Outputs, Structure } from "../nn/index.ts";
import { type Tensor, type Variable, valueAndGrad } from "../tensor/index.ts";
import type { Objective } from "./objective.ts";

/** One batch on the device. */
export interface Batch {
  readonly x: Structure<Tensor>;
  readonly y?: Structure<Tensor>;
  /** [batch] or [batch, ...values of the loss]; for all outputs, or in the form of the targets. */
  readonly sampleWeight?: Structure<Tensor>;
}

/** What a step has computed of a batch. */
export interface StepResults extends Batch {
  /** The model's outputs, masked where they are. */
  readonly yPred: Outputs;
  /** What layers added: `addLoss`, and penalties on their outputs. */
  readonly added: readonly Tensor[];
  readonly training: boolean;
}

/** What the training loop needs of a model. */
export interface Trainable {
  readonly name: string;
  readonly objective: Objective;
  readonly variables: readonly Variable[];
  readonly trainableVariables: readonly Variable[];
  namedVariables(): [string, Variable][];
  save(path: string): Promise<void>;
  saveWeights(path: string): Promise<void>;
  compute(x: Structure<Tensor>, context: CallContext): Outputs;
  /** The scalar that training drives down. */
  computeLoss(results: StepResults): Tensor;
  /** Takes a batch's results into the running figures. */
  computeMetrics(loss: Tensor, results: StepResults): void;
  /** One step of training: changes Variables and running figures. Runs inside a trace. */
  trainStep(batch: Batch): void;
  /** Takes a batch into the running figures without training. */
  testStep(batch: Batch): void;
}

/** Forward, backward and update on one batch: the step that `fit` runs unless a model brings its own. */
export function trainStep(model: Trainable, batch: Batch): void {
  const variables = model.trainableVariables;
  const { optimizer } = model.objective;
  let results: StepResults | undefined;
  let loss: Tensor | undefined;
  const [, gradients] = valueAndGrad(() => {
    results = forward(model, batch, true);
    loss = model.computeLoss(results);
    return optimizer.scaleLoss(loss);
  }, variables);
  optimizer.apply(gradients, variables);
  model.computeMetrics(loss!, results!); // valueAndGrad has called its function
}

/** Forward on one batch, taken into the running figures. */
export function testStep(model: Trainable, batch: Batch): void {
  const results = forward(model, batch, false);
  model.computeMetrics(model.computeLoss(results), results);
}

function forward(model: Trainable, batch: Batch, training: boolean): StepResults {
  const losses: Tensor[] = [];
  const yPred = model.compute(batch.x, { training, losses });
  return { ...batch, yPred, added: losses, training };
}

/** The outputs' losses, what layers added, and the penalties on trainable weights. */
export function totalLoss(model: Trainable, { y, yPred, sampleWeight, added }: StepResults): Tensor {
  const { objective } = model;
  const penalties = model.trainableVariables.flatMap((variable) =>
    variable.regularizer === undefined ? [] : [variable.regularizer(variable.read())],
  );
  const parts = [...added, ...penalties];
  // A model may live by what its layers add; then it needs neither losses nor targets.
  if (objective.losses.length === 0 && added.length > 0) return sum(parts);
  if (y === undefined) {
    throw new ArgumentError({ what: "there are no targets to train on", hint: "give { x, y }, or override trainStep" });
  }
  return sum([objective.loss(y, yPred, sampleWeight), ...parts]);
}

const sum = (parts: readonly Tensor[]): Tensor => parts.reduce((total, part) => total.add(part));
