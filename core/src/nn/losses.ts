import { ArgumentError, ShapeError, suggest } from "../base/errors.ts";
import { printShape, sameShape } from "../base/shape.ts";
import * as t from "../tensor/index.ts";

type Tensor = t.Tensor;

/** How far an output is from its target. */
export interface Loss {
  readonly name: string;
  /** One value an example (and position): the shape of `yPred` without its last axis. */
  readonly call: (yTrue: Tensor, yPred: Tensor) => Tensor;
  /** What the targets are, so that bad labels are named before training starts. */
  readonly targets: "classes" | "binary" | "probabilities" | "values";
  /** Plain JSON that makes the same loss again; absent for functions of the user's own. */
  readonly config?: { readonly name: LossName; readonly options: Readonly<Record<string, unknown>> };
}

export interface CrossentropyOptions {
  /** The output is logits, not probabilities. More accurate and faster. Default false. */
  readonly fromLogits?: boolean;
  /** Moves this much of the target's probability to all classes alike. Default 0. */
  readonly labelSmoothing?: number;
}

/** Targets are class numbers, [batch] or [batch, 1]; outputs [batch, classes]. */
const sparseCategoricalCrossentropy = (options: Omit<CrossentropyOptions, "labelSmoothing"> = {}): Loss => ({
  name: "sparseCategoricalCrossentropy",
  targets: "classes",
  call: (yTrue, yPred) => t.sparseCategoricalCrossentropy(yTrue.cast("i32"), yPred, options),
  config: { name: "sparseCategoricalCrossentropy", options: { ...options } },
});

/** Targets are one-hot rows or distributions, of the output's shape. */
const categoricalCrossentropy = (options: CrossentropyOptions = {}): Loss => {
  demandSmoothing(options);
  return {
    name: "categoricalCrossentropy",
    targets: "probabilities",
    call: (yTrue, yPred) => {
      const target = yTrue.cast(yPred.dtype);
      return t.categoricalCrossentropy(
        smoothed(target, options.labelSmoothing ?? 0, yPred.shape.at(-1)!),
        yPred,
        options,
      );
    },
    config: { name: "categoricalCrossentropy", options: { ...options } },
  };
};

/** Targets are 0 or 1 (or probabilities), of the output's shape; the mean over the last axis. */
const binaryCrossentropy = (options: CrossentropyOptions = {}): Loss => {
  demandSmoothing(options);
  return {
    name: "binaryCrossentropy",
    targets: "binary",
    call: (yTrue, yPred) => {
      const target = smoothed(matching(yTrue, yPred), options.labelSmoothing ?? 0, 2);
      return t.binaryCrossentropy(target, yPred, options).mean(-1);
    },
    config: { name: "binaryCrossentropy", options: { ...options } },
  };
};

/** A share in [0, 1]. */
function demandSmoothing({ labelSmoothing = 0 }: CrossentropyOptions): void {
  if (labelSmoothing >= 0 && labelSmoothing <= 1) return;
  throw new ArgumentError(`labelSmoothing must be from 0 to 1, received ${labelSmoothing}`);
}

const smoothed = (target: Tensor, amount: number, classes: number): Tensor =>
  amount === 0 ? target : target.mul(1 - amount).add(amount / classes);

/** Targets in the output's dtype and shape; an axis of size 1 at the end may be missing or too many. */
export function matching(yTrue: Tensor, yPred: Tensor): Tensor {
  const target = yTrue.cast(yPred.dtype);
  if (sameShape(target.shape, yPred.shape)) return target;
  if (sameShape([...target.shape, 1], yPred.shape)) return target.expandDims(-1);
  if (sameShape(target.shape, [...yPred.shape, 1])) return target.squeeze(-1);
  throw new ShapeError({
    what: "targets and output have different shapes",
    details: [
      { role: "targets", value: printShape(target.shape) },
      { role: "output", value: printShape(yPred.shape) },
    ],
    hint: "one-hot rows go with categoricalCrossentropy, class numbers with sparseCategoricalCrossentropy",
  });
}

/** The mean of (yTrue − yPred)² over the last axis. */
const meanSquaredError = (): Loss => ({
  name: "meanSquaredError",
  targets: "values",
  call: (yTrue, yPred) => matching(yTrue, yPred).sub(yPred).square().mean(-1),
  config: { name: "meanSquaredError", options: {} },
});

/** The mean of |yTrue − yPred| over the last axis. */
const meanAbsoluteError = (): Loss => ({
  name: "meanAbsoluteError",
  targets: "values",
  call: (yTrue, yPred) => matching(yTrue, yPred).sub(yPred).abs().mean(-1),
  config: { name: "meanAbsoluteError", options: {} },
});

/** Losses by name; `mse` and `mae` are Keras's short forms. */
export const losses = {
  sparseCategoricalCrossentropy,
  categoricalCrossentropy,
  binaryCrossentropy,
  meanSquaredError,
  meanAbsoluteError,
  mse: meanSquaredError,
  mae: meanAbsoluteError,
} as const;

export type LossName = keyof typeof losses;
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** The loss itself, the one of that name, or the user's function (which gives one value an example, or a scalar). */
export function resolveLoss(given: LossName | Loss | LossFunction): Loss {
  if (typeof given === "function") return { name: given.name || "loss", targets: "values", call: given };
  if (typeof given === "object") return given;
  const make = Object.hasOwn(losses, given) ? losses[given] : undefined;
  if (make === undefined) {
    throw new ArgumentError({ what: `unknown loss "${given}"`, hint: suggest(given, Object.keys(losses)) });
  }
  return make();
}

/**
 * The mean over all values; weights [batch] multiply each example's values first, and the divisor stays the number of
 * values, as in Keras ("sum over batch size").
 */
export function reduceLoss(values: Tensor, weights: Tensor | undefined): Tensor {
  if (weights === undefined) return values.mean();
  if (values.rank === 0) return values.mul(weights.cast(values.dtype).mean());
  return values.mul(alongBatch(weights, values.rank).cast(values.dtype)).mean();
}

/** [batch] → [batch, 1, …] of the given rank. */
export const alongBatch = (weights: Tensor, rank: number): Tensor =>
  weights.reshape([weights.shape[0]!, ...new Array<number>(rank - 1).fill(1)]);
