import type { Tensor } from "../../tensor/index.ts";
import { positive } from "../checks.ts";
import { matching } from "../losses/index.ts";
import { meanOf } from "./mean.ts";

const direction = "up";

/** Class numbers [batch] or [batch, 1] against the largest output. */
const sparseMatches = (yTrue: Tensor, yPred: Tensor): Tensor =>
  yPred.argmax(-1).equal(classNumbers(yTrue, yPred)) as Tensor;
const categoricalMatches = (yTrue: Tensor, yPred: Tensor): Tensor => yPred.argmax(-1).equal(yTrue.argmax(-1)) as Tensor;
const binaryMatches = (yTrue: Tensor, yPred: Tensor, threshold = 0.5): Tensor =>
  yPred.greater(threshold).cast("f32").equal(matching(yTrue, yPred)).cast("f32").mean(-1) as Tensor;

const classNumbers = (yTrue: Tensor, yPred: Tensor): Tensor =>
  (yTrue.rank === yPred.rank && yTrue.shape.at(-1) === 1 ? yTrue.squeeze(-1) : yTrue).cast("i32");

/** Keras's choice: one output → binary; class numbers → sparse; otherwise one-hot rows. */
function matches(yTrue: Tensor, yPred: Tensor): Tensor {
  if (yPred.shape.at(-1) === 1) return binaryMatches(yTrue, yPred);
  if (yTrue.rank < yPred.rank || yTrue.shape.at(-1) === 1) return sparseMatches(yTrue, yPred);
  return categoricalMatches(yTrue, yPred);
}

/** Whether fewer than k outputs are larger than the one of the right class. */
function amongLargest(classes: Tensor, yPred: Tensor, k: number): Tensor {
  const right = yPred.takeAlongAxis(classes.expandDims(-1), -1);
  return yPred.greater(right).cast("i32").sum(-1).less(k) as Tensor;
}

const demandK = ({ k }: { readonly k: number }): number => positive("k", k);

/** How often the answer is right; chooses its kind by the shapes of targets and outputs. */
export const accuracy = meanOf("accuracy", { direction, defaults: {}, values: matches });
export const binaryAccuracy = meanOf("binaryAccuracy", {
  direction,
  defaults: { threshold: 0.5 },
  values: (yTrue, yPred, { threshold }) => binaryMatches(yTrue, yPred, threshold),
});
export const categoricalAccuracy = meanOf("categoricalAccuracy", {
  direction,
  defaults: {},
  values: categoricalMatches,
});
export const sparseCategoricalAccuracy = meanOf("sparseCategoricalAccuracy", {
  direction,
  defaults: {},
  values: sparseMatches,
});
/** How often the right class is among the `k` largest outputs, for one-hot rows. */
export const topKCategoricalAccuracy = meanOf("topKCategoricalAccuracy", {
  direction,
  defaults: { k: 5 },
  check: demandK,
  values: (yTrue, yPred, { k }) => amongLargest(yTrue.argmax(-1), yPred, k),
});
/** The same for class numbers. */
export const sparseTopKCategoricalAccuracy = meanOf("sparseTopKCategoricalAccuracy", {
  direction,
  /** With fromSortedIds the outputs are no scores but numbers of classes, the best first. */
  defaults: { k: 5, fromSortedIds: false },
  check: demandK,
  values: (yTrue, yPred, { k, fromSortedIds }) => {
    const classes = classNumbers(yTrue, yPred);
    if (!fromSortedIds) return amongLargest(classes, yPred, k);
    const first = yPred.slice(["...", { stop: k }]).cast("i32") as Tensor;
    return first.equal(classes.expandDims(-1)).any(-1) as Tensor;
  },
});
