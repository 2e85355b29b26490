import { ArgumentError, DataError, suggest } from "../base/errors.ts";
import * as nn from "../nn/index.ts";
import type { LayerDescription } from "./describe.ts";

type Make = (config: nn.Config, options: nn.LayerOptions) => nn.Layer;

// A config comes from a file: values are passed on as they are, and the constructors check them.
const number = (config: nn.Config, key: string): number => {
  const value = config[key];
  if (typeof value === "number") return value;
  throw new DataError(`the model file is damaged: "${key}" is ${JSON.stringify(value)}, not a number`);
};
const sizes = (config: nn.Config, key: string): readonly number[] => {
  const value = config[key];
  if (Array.isArray(value) && value.every((size) => typeof size === "number")) return value;
  throw new DataError(`the model file is damaged: "${key}" is ${JSON.stringify(value)}, not a list of numbers`);
};
const activation = (config: nn.Config): nn.ActivationName => {
  const value = config["activation"];
  if (typeof value === "string" && Object.hasOwn(nn.activations, value)) return value as nn.ActivationName; // just checked
  throw new DataError({
    what: `the model file names the unknown activation ${JSON.stringify(value)}`,
    hint: suggest(String(value), Object.keys(nn.activations)),
  });
};
/** Checked one by one by the constructors that receive them. */
const rest = (config: nn.Config): object => config;

/** How each layer of ours is made again from its config. */
const makers: Readonly<Record<string, Make>> = {
  Dense: (config, options) => new nn.Dense(number(config, "units"), { ...rest(config), ...options, activation: activation(config) }),
  Conv1D: (config, options) => new nn.Conv1D(number(config, "filters"), sizes(config, "kernelSize"), { ...rest(config), ...options, activation: activation(config) }),
  Conv2D: (config, options) => new nn.Conv2D(number(config, "filters"), sizes(config, "kernelSize"), { ...rest(config), ...options, activation: activation(config) }),
  Conv3D: (config, options) => new nn.Conv3D(number(config, "filters"), sizes(config, "kernelSize"), { ...rest(config), ...options, activation: activation(config) }),
  MaxPooling2D: (config, options) => new nn.MaxPooling2D(sizes(config, "poolSize"), { ...rest(config), ...options }),
  AveragePooling2D: (config, options) => new nn.AveragePooling2D(sizes(config, "poolSize"), { ...rest(config), ...options }),
  GlobalAveragePooling2D: (config, options) => new nn.GlobalAveragePooling2D({ ...rest(config), ...options }),
  GlobalMaxPooling2D: (config, options) => new nn.GlobalMaxPooling2D({ ...rest(config), ...options }),
  Flatten: (_config, options) => new nn.Flatten(options),
  Reshape: (config, options) => new nn.Reshape(sizes(config, "targetShape"), options),
  Activation: (config, options) => new nn.Activation(activation(config), options),
  Dropout: (config, options) => new nn.Dropout(number(config, "rate"), options),
  BatchNormalization: (config, options) => new nn.BatchNormalization({ ...rest(config), ...options }),
  LayerNormalization: (config, options) => new nn.LayerNormalization({ ...rest(config), ...options }),
  Embedding: (config, options) => new nn.Embedding(number(config, "inputDim"), number(config, "outputDim"), options),
  Add: (_config, options) => new nn.Add(options),
  Concatenate: (config, options) => new nn.Concatenate({ axis: number(config, "axis"), ...options }),
};

const registered = new Map<string, Make>();

/** Lets `loadModel` make layers of your own class: files name classes, and only registered names are made. */
export function registerLayer(type: string, make: Make): void {
  if (Object.hasOwn(makers, type)) throw new ArgumentError(`registerLayer: "${type}" is a layer of the library`);
  registered.set(type, make);
}

/** The layer that `description` describes; an unknown class is an error that says how to register it. */
export function makeLayer({ type, name, trainable, config }: LayerDescription): nn.Layer {
  const make = (Object.hasOwn(makers, type) ? makers[type] : undefined) ?? registered.get(type);
  if (make === undefined) {
    throw new DataError({
      what: `the model file holds a layer of the unknown class "${type}"`,
      hint: `${suggest(type, [...Object.keys(makers), ...registered.keys()])}; classes of your own must be registered: registerLayer("${type}", (config, options) => …)`,
    });
  }
  return make(config, { name, trainable });
}
