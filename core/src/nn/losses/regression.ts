import * as t from "../../tensor/index.ts";
import { demandPositiveNumber } from "../options.ts";
import { epsilon, matching } from "./matching.ts";
import { lossOf } from "./rule.ts";

const none = {};

/** The mean of (yTrue − yPred)² over the last axis. */
export const meanSquaredError = lossOf("meanSquaredError", {
  defaults: none,
  call: (yTrue, yPred) => matching(yTrue, yPred).sub(yPred).square().mean(-1),
});

/** The mean of |yTrue − yPred| over the last axis. */
export const meanAbsoluteError = lossOf("meanAbsoluteError", {
  defaults: none,
  call: (yTrue, yPred) => matching(yTrue, yPred).sub(yPred).abs().mean(-1),
});

/** The mean of 100·|yTrue − yPred| / |yTrue| over the last axis. */
export const meanAbsolutePercentageError = lossOf("meanAbsolutePercentageError", {
  defaults: none,
  call: (yTrue, yPred) => {
    const target = matching(yTrue, yPred);
    return target.sub(yPred).div(target.abs().maximum(epsilon)).abs().mean(-1).mul(100);
  },
});

/** The mean of (log(1 + yTrue) − log(1 + yPred))² over the last axis; negative values count as 0. */
export const meanSquaredLogarithmicError = lossOf("meanSquaredLogarithmicError", {
  defaults: none,
  call: (yTrue, yPred) => {
    const log = (x: t.Tensor): t.Tensor => x.maximum(epsilon).add(1).log() as t.Tensor;
    return log(matching(yTrue, yPred)).sub(log(yPred)).square().mean(-1);
  },
});

/** ½·e² near the target, δ·|e| − ½·δ² beyond an error of δ (Huber 1964). */
export const huber = lossOf("huber", {
  defaults: { delta: 1 },
  check: ({ delta }) => demandPositiveNumber("delta", delta),
  call: (yTrue, yPred, { delta }) => {
    const error = yPred.sub(matching(yTrue, yPred)) as t.Tensor;
    const size = error.abs();
    return t.where(size.lessEqual(delta), error.square().mul(0.5), size.mul(delta).sub(0.5 * delta * delta)).mean(-1);
  },
});

/** The mean of log(cosh(e)): e²/2 for small errors, |e| − log 2 for large ones. */
export const logCosh = lossOf("logCosh", {
  defaults: none,
  call: (yTrue, yPred) => {
    const error = yPred.sub(matching(yTrue, yPred)) as t.Tensor;
    return error.add(error.mul(-2).softplus()).sub(Math.LN2).mean(-1);
  },
});

/** The mean of yPred − yTrue·log(yPred): counts with a Poisson distribution. */
export const poisson = lossOf("poisson", {
  defaults: none,
  call: (yTrue, yPred) => yPred.sub(matching(yTrue, yPred).mul(yPred.add(epsilon).log())).mean(-1) as t.Tensor,
});

/** Σ yTrue·log(yTrue / yPred) over the last axis. */
export const klDivergence = lossOf("klDivergence", {
  targets: "probabilities",
  defaults: none,
  call: (yTrue, yPred) => {
    const target = matching(yTrue, yPred).clip(epsilon, 1);
    return target.mul(target.div(yPred.clip(epsilon, 1)).log()).sum(-1);
  },
});

/** −cos of the angle between target and output: −1 where they point the same way. */
export const cosineSimilarity = lossOf("cosineSimilarity", {
  defaults: { axis: -1 },
  call: (yTrue, yPred, { axis }) =>
    t.normalize(matching(yTrue, yPred), axis).mul(t.normalize(yPred, axis)).sum(axis).neg(),
});
