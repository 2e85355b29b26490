import { type Tensor, where } from "../../tensor/index.ts";
import { matching } from "./matching.ts";
import { lossOf } from "./rule.ts";

const none = {};

/** Targets of −1 and 1; where all are 0 or 1 they are taken for those, as in Keras. */
function signs(yTrue: Tensor, yPred: Tensor): Tensor {
  const y = matching(yTrue, yPred);
  const binary = y.equal(0).logicalOr(y.equal(1)).all();
  return where(binary, y.mul(2).sub(1), y);
}

const shortfall = (yTrue: Tensor, yPred: Tensor): Tensor =>
  signs(yTrue, yPred).mul(yPred).neg().add(1).maximum(0) as Tensor;

/** The mean of max(1 − yTrue·yPred, 0). */
export const hinge = lossOf("hinge", { defaults: none, call: (yTrue, yPred) => shortfall(yTrue, yPred).mean(-1) });

/** The mean of max(1 − yTrue·yPred, 0)². */
export const squaredHinge = lossOf("squaredHinge", {
  defaults: none,
  call: (yTrue, yPred) => shortfall(yTrue, yPred).square().mean(-1),
});

/** max(1 + the largest wrong output − the right output, 0), for one-hot rows. */
export const categoricalHinge = lossOf("categoricalHinge", {
  targets: "probabilities",
  defaults: none,
  call: (yTrue, yPred) => {
    const y = matching(yTrue, yPred);
    const right = y.mul(yPred).sum(-1);
    const wrong = y.neg().add(1).mul(yPred).max(-1);
    return wrong.sub(right).add(1).maximum(0) as Tensor;
  },
});
