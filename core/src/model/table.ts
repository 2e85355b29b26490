import { ArgumentError, DataError, suggest } from "../base/errors.ts";
import * as nn from "../nn/index.ts";
import { type ConfigReader, readConfig } from "./config.ts";
import type { LayerDescription } from "./describe.ts";

const paddings = ["valid", "same"] as const;

const conv = (read: ConfigReader): nn.ConvOptions => ({
  strides: read.sizes("strides"),
  padding: read.choice("padding", paddings),
  dilationRate: read.sizes("dilationRate"),
  groups: read.number("groups"),
  activation: read.activation(),
  useBias: read.flag("useBias"),
});

const pooling = (read: ConfigReader): nn.PoolingOptions => ({
  strides: read.sizes("strides"),
  padding: read.choice("padding", paddings),
});

const normalization = (read: ConfigReader): nn.NormalizationOptions => ({
  epsilon: read.number("epsilon"),
  center: read.flag("center"),
  scale: read.flag("scale"),
});

type MakeOurs = (read: ConfigReader, options: nn.LayerOptions) => nn.Layer;

/** How each layer of ours is made again from its config. */
const makers = {
  Dense: (read, options) =>
    new nn.Dense(read.number("units"), { activation: read.activation(), useBias: read.flag("useBias"), ...options }),
  Conv1D: (read, options) =>
    new nn.Conv1D(read.number("filters"), read.sizes("kernelSize"), { ...conv(read), ...options }),
  Conv2D: (read, options) =>
    new nn.Conv2D(read.number("filters"), read.sizes("kernelSize"), { ...conv(read), ...options }),
  Conv3D: (read, options) =>
    new nn.Conv3D(read.number("filters"), read.sizes("kernelSize"), { ...conv(read), ...options }),
  MaxPooling2D: (read, options) => new nn.MaxPooling2D(read.sizes("poolSize"), { ...pooling(read), ...options }),
  AveragePooling2D: (read, options) =>
    new nn.AveragePooling2D(read.sizes("poolSize"), { ...pooling(read), ...options }),
  GlobalAveragePooling2D: (read, options) =>
    new nn.GlobalAveragePooling2D({ keepDims: read.flag("keepDims"), ...options }),
  GlobalMaxPooling2D: (read, options) => new nn.GlobalMaxPooling2D({ keepDims: read.flag("keepDims"), ...options }),
  Flatten: (_read, options) => new nn.Flatten(options),
  Reshape: (read, options) => new nn.Reshape(read.sizes("targetShape"), options),
  Activation: (read, options) => new nn.Activation(read.activation(), options),
  Dropout: (read, options) => new nn.Dropout(read.number("rate"), options),
  BatchNormalization: (read, options) =>
    new nn.BatchNormalization({ momentum: read.number("momentum"), ...normalization(read), ...options }),
  LayerNormalization: (read, options) => new nn.LayerNormalization({ ...normalization(read), ...options }),
  Embedding: (read, options) => new nn.Embedding(read.number("inputDim"), read.number("outputDim"), options),
  Add: (_read, options) => new nn.Add(options),
  Concatenate: (read, options) => new nn.Concatenate({ axis: read.number("axis"), ...options }),
} as const satisfies Record<string, MakeOurs>;

const isOurs = (type: string): type is keyof typeof makers => Object.hasOwn(makers, type);

/** How a layer of the user's own class is made again from what its `config()` returned. */
export type MakeLayer = (config: nn.Config, options: nn.LayerOptions) => nn.Layer;
const registered = new Map<string, MakeLayer>();

/** Lets `loadModel` make layers of your own class: files name classes, and only registered names are made. */
export function registerLayer(type: string, make: MakeLayer): void {
  if (isOurs(type)) throw new ArgumentError(`registerLayer: "${type}" is a layer of the library`);
  registered.set(type, make);
}

/** The layer that `description` describes; an unknown class is an error that says how to register it. */
export function makeLayer({ type, name, trainable, config }: LayerDescription): nn.Layer {
  const options = { name, trainable };
  if (isOurs(type)) return makers[type](readConfig(name, config), options);
  const make = registered.get(type);
  if (make !== undefined) return make(config, options);
  const word = type.slice(0, 40);
  throw new DataError({
    what: `layer "${name}" is of the unknown class "${word}"`,
    hint: `${suggest(word, [...Object.keys(makers), ...registered.keys()])}; a class of your own must be registered: registerLayer("${word}", (config, options) => …)`,
  });
}
