import { ShapeError } from "../../base/errors.ts";
import { printShape, sameShape } from "../../base/shape.ts";
import type { Tensor } from "../../tensor/index.ts";

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

/**
 * Targets and output with equally many axes, as Keras has it: of two that differ by an axis of size 1 at the end, the longer
 * loses it; a list of values for the examples gains one.
 */
export function aligned(yTrue: Tensor, yPred: Tensor): readonly [Tensor, Tensor] {
  const longer = (x: Tensor, y: Tensor): boolean => x.rank === y.rank + 1 && x.shape.at(-1) === 1;
  if (longer(yTrue, yPred)) return yPred.rank === 1 ? [yTrue, yPred.expandDims(-1)] : [yTrue.squeeze(-1), yPred];
  if (longer(yPred, yTrue)) return yTrue.rank === 1 ? [yTrue.expandDims(-1), yPred] : [yTrue, yPred.squeeze(-1)];
  return [yTrue, yPred];
}

/** What Keras adds to keep divisors and logarithms away from 0. */
export const epsilon = 1e-7;
