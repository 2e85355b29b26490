import * as t from "../../tensor/index.ts";
import { demandWithin } from "../options.ts";
import { matching } from "./matching.ts";
import { lossOf } from "./rule.ts";

type Tensor = t.Tensor;

/** Moves `amount` of the target's probability to all `classes` alike (Szegedy et al. 2016). */
export const smoothed = (target: Tensor, amount: number, classes: number): Tensor =>
  amount === 0 ? target : target.mul(1 - amount).add(amount / classes);

const checkSmoothing = ({ labelSmoothing }: { readonly labelSmoothing: number }): void =>
  demandWithin("labelSmoothing", labelSmoothing, 0, 1);

/** Class numbers in the shape of the values: without an axis of size 1 where the output has its classes. */
function labelsOf(yTrue: Tensor, rank: number, axis: number): Tensor {
  const labels = yTrue.dtype === "bool" ? yTrue : yTrue.cast("i32");
  return labels.rank === rank + 1 && labels.shape.at(axis) === 1 ? labels.squeeze(axis) : labels;
}

const sparseDefaults = {
  /** The output is logits, not probabilities. More accurate and faster. */
  fromLogits: false,
  /** Targets of this class do not count. */
  ignoreClass: null as number | null,
  axis: -1,
};

/** Targets are class numbers, [batch] or [batch, 1]; outputs [batch, classes]. */
export const sparseCategoricalCrossentropy = lossOf("sparseCategoricalCrossentropy", {
  targets: "classes",
  defaults: sparseDefaults,
  call: (yTrue, yPred, { fromLogits, ignoreClass, axis }) => {
    const labels = labelsOf(yTrue, yPred.rank - 1, axis);
    if (ignoreClass === null) return t.sparseCategoricalCrossentropy(labels, yPred, { fromLogits, axis });
    const valid = labels.notEqual(ignoreClass);
    const values = t.sparseCategoricalCrossentropy(t.where(valid, labels, 0), yPred, { fromLogits, axis });
    return t.where(valid, values, 0);
  },
  mask: (yTrue, values, { ignoreClass, axis }) =>
    ignoreClass === null ? undefined : labelsOf(yTrue, values.rank, axis).notEqual(ignoreClass),
});

/** Targets are one-hot rows or distributions, of the output's shape. */
export const categoricalCrossentropy = lossOf("categoricalCrossentropy", {
  targets: "probabilities",
  defaults: { fromLogits: false, labelSmoothing: 0, axis: -1 },
  check: checkSmoothing,
  call: (yTrue, yPred, { fromLogits, labelSmoothing, axis }) => {
    const target = smoothed(yTrue.cast(yPred.dtype), labelSmoothing, yPred.shape.at(-1)!);
    return t.categoricalCrossentropy(target, yPred, { fromLogits, axis });
  },
});

/** Targets are 0 or 1 (or probabilities), of the output's shape; the mean over `axis`. */
export const binaryCrossentropy = lossOf("binaryCrossentropy", {
  targets: "binary",
  defaults: { fromLogits: false, labelSmoothing: 0, axis: -1 },
  check: checkSmoothing,
  call: (yTrue, yPred, { fromLogits, labelSmoothing, axis }) => {
    const target = smoothed(matching(yTrue, yPred), labelSmoothing, 2);
    return t.binaryCrossentropy(target, yPred, { fromLogits }).mean(axis);
  },
});

/** Weighs values by (1 − p)^γ, so that what is learnt already counts less (Lin et al. 2017). */
export const binaryFocalCrossentropy = lossOf("binaryFocalCrossentropy", {
  targets: "binary",
  defaults: { applyClassBalancing: false, alpha: 0.25, gamma: 2, fromLogits: false, labelSmoothing: 0, axis: -1 },
  check: checkSmoothing,
  call: (yTrue, yPred, { applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing, axis }) => {
    const y = smoothed(matching(yTrue, yPred), labelSmoothing, 2);
    const p = fromLogits ? yPred.sigmoid() : yPred;
    // Of the two sides of a choice, weighed by the target: y·one + (1 − y)·other.
    const blend = (one: Tensor | number, other: Tensor | number): Tensor =>
      y.mul(one).add(y.neg().add(1).mul(other)) as Tensor;
    const right = blend(p, p.neg().add(1));
    const values = right.neg().add(1).pow(gamma).mul(t.binaryCrossentropy(y, p));
    return (applyClassBalancing ? values.mul(blend(alpha, 1 - alpha)) : values).mean(axis);
  },
});

const margin = 1e-7;

/** The focal loss for one-hot rows or distributions. */
export const categoricalFocalCrossentropy = lossOf("categoricalFocalCrossentropy", {
  targets: "probabilities",
  defaults: { alpha: 0.25, gamma: 2, fromLogits: false, labelSmoothing: 0, axis: -1 },
  check: checkSmoothing,
  call: (yTrue, yPred, { alpha, gamma, fromLogits, labelSmoothing, axis }) => {
    const y = smoothed(yTrue.cast(yPred.dtype), labelSmoothing, yPred.shape.at(-1)!);
    const given = fromLogits ? t.softmax(yPred, axis) : yPred;
    const p = given.div(given.sum(axis, { keepDims: true })).clip(margin, 1 - margin) as Tensor;
    const weight = p.neg().add(1).pow(gamma).mul(alpha);
    return weight.mul(y.mul(p.log()).neg()).sum(axis);
  },
});

/** (1 − p^q) / q for the probability p of the true class: between cross entropy (q → 0) and |1 − p| (Zhang & Sabuncu 2018). */
export const categoricalGeneralizedCrossEntropy = lossOf("categoricalGeneralizedCrossEntropy", {
  targets: "classes",
  defaults: { q: 0.5 },
  check: ({ q }) => demandWithin("q", q, Number.EPSILON, 1 - Number.EPSILON),
  call: (yTrue, yPred, { q }) => {
    const hit = t.oneHot(labelsOf(yTrue, yPred.rank - 1, -1), yPred.shape.at(-1)!, { dtype: yPred.dtype });
    return yPred.mul(hit).sum(-1).pow(q).neg().add(1).div(q);
  },
});
