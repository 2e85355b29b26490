import { ShapeError } from "../../base/errors.ts";
import { printShape } from "../../base/shape.ts";
import { divideNoNaN, type Tensor } from "../../tensor/index.ts";
import type { Reduction } from "./loss.ts";

/** `weights` with axes of size 1 at the end, so that they stand along the first axes of `values`. */
export function alongValues(weights: Tensor, values: Tensor, what = "sampleWeight"): Tensor {
  const short = weights.rank === values.rank + 1 && weights.shape.at(-1) === 1 ? weights.squeeze(-1) : weights;
  const fits =
    short.rank <= values.rank && short.shape.every((size, axis) => size === values.shape[axis] || size === 1);
  if (!fits) {
    throw new ShapeError({
      what: `${what} does not fit the values that it weighs`,
      details: [
        { role: "weights", value: printShape(weights.shape) },
        { role: "values", value: printShape(values.shape) },
      ],
      hint: "give one weight an example, or one a value",
    });
  }
  if (short.rank === values.rank) return short;
  return short.reshape([...short.shape, ...new Array<number>(values.rank - short.rank).fill(1)]);
}

/** Sample weights and mask as one factor of the values; undefined for 1 everywhere. */
export function combinedWeights(
  values: Tensor,
  sampleWeight: Tensor | undefined,
  mask: Tensor | undefined,
  renormalise: boolean,
): Tensor | undefined {
  // A loss of the whole batch has one value, which every weight multiplies.
  const along = (weights: Tensor, what: string): Tensor =>
    values.rank === 0 ? weights : alongValues(weights, values, what);
  const weights = sampleWeight === undefined ? undefined : along(sampleWeight.cast(values.dtype), "sampleWeight");
  if (mask === undefined) return weights;
  const valid = along(mask.cast(values.dtype), "the mask");
  // Entries that count weigh total / valid, so that a mean over all is the mean over those that count.
  const share = renormalise ? valid.mul(divideNoNaN(valid.size, valid.sum())) : valid;
  return weights === undefined ? share : weights.mul(share);
}

/**
 * The values as one loss. For "sumOverBatchSize" weights multiply the values first, and the divisor stays the number of
 * values, as in Keras; masked values neither add nor count.
 */
export function reduceLoss(
  values: Tensor,
  sampleWeight?: Tensor,
  mask?: Tensor,
  reduction: Reduction = "sumOverBatchSize",
): Tensor {
  const overAll = reduction === "sumOverBatchSize" || reduction === "mean";
  const weights = combinedWeights(values, sampleWeight, mask, overAll);
  const weighted = weights === undefined ? values : values.mul(weights);
  if (reduction === "none") return weighted;
  if (reduction === "sum") return weighted.sum();
  if (overAll || weights === undefined) return weighted.mean();
  return divideNoNaN(weighted.sum(), weights.sum());
}
