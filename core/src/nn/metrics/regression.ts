import type { Tensor } from "../../tensor/index.ts";
import { epsilon, matching } from "../losses/index.ts";
import { meanOf } from "./mean.ts";

/** √ of the mean of (yTrue − yPred)². */
export const rootMeanSquaredError = meanOf("rootMeanSquaredError", {
  direction: "down",
  defaults: {},
  values: (yTrue, yPred) => matching(yTrue, yPred).sub(yPred).square(),
  finish: (mean) => mean.sqrt(),
});

/** Deviation from the mean along `axis`. */
const centred = (x: Tensor, axis: number): Tensor => x.sub(x.mean(axis, { keepDims: true })) as Tensor;

/** The correlation of target and output along `axis`, from −1 to 1; the mean over the examples. */
export const pearsonCorrelation = meanOf("pearsonCorrelation", {
  direction: "up",
  defaults: { axis: -1 },
  values: (yTrue, yPred, { axis }) => {
    const scaled = (x: Tensor): Tensor => {
      const rest = centred(x, axis);
      return rest.div(rest.std(axis, { keepDims: true })) as Tensor;
    };
    return scaled(matching(yTrue, yPred)).mul(scaled(yPred)).mean(axis);
  },
});

/** Correlation that also counts differences of mean and scale (Lin 1989), along `axis`; the mean over the examples. */
export const concordanceCorrelation = meanOf("concordanceCorrelation", {
  direction: "up",
  defaults: { axis: -1 },
  values: (yTrue, yPred, { axis }) => {
    const y = matching(yTrue, yPred);
    const [trueMean, predMean] = [y, yPred].map((x) => x.mean(axis, { keepDims: true })) as [Tensor, Tensor];
    const spread = (x: Tensor): Tensor => centred(x, axis).square().mean(axis, { keepDims: true });
    const covariance = y.sub(predMean).mul(yPred.sub(predMean));
    const norm = spread(y).add(spread(yPred)).add(trueMean.sub(predMean).square());
    return covariance.mul(2).div(norm.add(epsilon)).mean(axis) as Tensor;
  },
});
