import { Activation } from "../activation.ts";
import * as classes from "../activationLayers.ts";
import type { Activation as ActivationFunction, ActivationName } from "../activations.ts";
import type { LayerOptions } from "../layer.ts";
import type * as core from "../rules/core.ts";
import type { Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { Same } from "../rules/single.ts";

export const activation = (
  activation: ActivationName | ActivationFunction,
  options?: LayerOptions,
): Shaped<Activation, Same> => shaped(new Activation(activation, options));
export const leakyRelu = (options?: classes.LeakyReLUOptions): Shaped<classes.LeakyReLU, Same> =>
  shaped(new classes.LeakyReLU(options));
export const prelu = (options?: classes.PReLUOptions): Shaped<classes.PReLU, Same> =>
  shaped(new classes.PReLU(options));
export const elu = (options?: classes.ELUOptions): Shaped<classes.ELU, Same> => shaped(new classes.ELU(options));
export const relu = (options?: classes.ReLUOptions): Shaped<classes.ReLU, Same> => shaped(new classes.ReLU(options));
export const softmax = (options?: classes.SoftmaxOptions): Shaped<classes.Softmax, core.Softmax> =>
  shaped(new classes.Softmax(options));
