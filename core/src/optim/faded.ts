import { type Tensor, where } from "../tensor/index.ts";

/**
 * Far below what moves a weight, and as far above 1.2e-38, below which numbers of 32 bits lose digits: processors take 25 times as
 * long for those, and a mean of past gradients would stay there for good, because 0.9 of the smallest of them is rounded up to it.
 */
const faint = 1e-34;

/** A mean that shrinks by a factor in every step without gradients, or 0 where nothing to speak of is left. */
export const faded = (mean: Tensor): Tensor =>
  where(
    mean
      .mul(1 / faint)
      .square()
      .less(1),
    0,
    mean,
  ); // fewer operations than |mean|
