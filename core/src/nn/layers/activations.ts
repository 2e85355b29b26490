import { Activation } from "../activation.ts";
import * as classes from "../activationLayers.ts";
import type { Activation as ActivationFunction, ActivationName } from "../activations.ts";
import type { LayerOptions } from "../layer.ts";
import type * as core from "../rules/core.ts";
import type { Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { Same } from "../rules/single.ts";

/** Applies an activation function. */
export const activation = (
  activation: ActivationName | ActivationFunction,
  options?: LayerOptions,
): Shaped<Activation, Same> => shaped(new Activation(activation, options));
/** x above 0, negativeSlope · x below (Maas et al. 2013). */
export const leakyRelu = (options?: classes.LeakyReLUOptions): Shaped<classes.LeakyReLU, Same> =>
  shaped(new classes.LeakyReLU(options));
/** x above 0, alpha · x below, with a learned slope for each feature (He et al. 2015). */
export const prelu = (options?: classes.PReLUOptions): Shaped<classes.PReLU, Same> =>
  shaped(new classes.PReLU(options));
/** x above 0, alpha · (exp(x) − 1) below (Clevert et al. 2016). */
export const elu = (options?: classes.ELUOptions): Shaped<classes.ELU, Same> => shaped(new classes.ELU(options));
/** x from `threshold` on, negativeSlope · (x − threshold) below; at most `maxValue`. */
export const relu = (options?: classes.ReLUOptions): Shaped<classes.ReLU, Same> => shaped(new classes.ReLU(options));
/** exp(x) / Σ exp(x). Given as `{ x, mask }`, where the mask is false the result is 0. */
export const softmax = (options?: classes.SoftmaxOptions): Shaped<classes.Softmax, core.Softmax> =>
  shaped(new classes.Softmax(options));
