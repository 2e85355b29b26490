import { layers, losses, metrics, optimizers, schedules } from "./index.ts";
import { rows } from "./model/rows/index.test.body.ts";
import { describeLoss, describeMetric, type Metric } from "./nn/index.ts";
import type { LayerClass } from "./nn/layer.ts";
import { describeOptimizer, type Optimizer, type Schedule } from "./optim/index.ts";
import { commonNames } from "./optim/options.ts";
import { describeSchedule } from "./optim/schedules/index.ts";
import { camelCase as wordCase } from "./parity.test.body.ts";

// How options of Keras 3 become ours, and the closed tables of what differs.

export interface Case {
  readonly module: "layers" | "losses" | "metrics" | "optimizers" | "optimizers.schedules";
  readonly theirs: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly ours: Readonly<Record<string, unknown>>;
}

export const camelCase = wordCase;

/** Arguments of classes that cannot be made without. */
export const demandedArguments: Readonly<Record<string, readonly unknown[]>> = {
  precisionAtRecall: [0.5],
  recallAtPrecision: [0.5],
  sensitivityAtSpecificity: [0.5],
  specificityAtSensitivity: [0.5],
  iou: [2, [0]],
  oneHotIoU: [2, [0]],
  meanIoU: [2],
  oneHotMeanIoU: [2],
};
/** And options of those that have nothing else. */
export const demandedOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  cosineDecay: { initialLearningRate: 1, decaySteps: 9 },
  cosineDecayRestarts: { initialLearningRate: 1, firstDecaySteps: 9 },
  exponentialDecay: { initialLearningRate: 1, decaySteps: 9, decayRate: 0.5 },
  inverseTimeDecay: { initialLearningRate: 1, decaySteps: 9, decayRate: 0.5 },
  polynomialDecay: { initialLearningRate: 1, decaySteps: 9 },
  piecewiseConstantDecay: { boundaries: [1], values: [1, 2] },
};
const demanded = (name: string): readonly unknown[] =>
  name === "lossScale"
    ? [{ inner: optimizers.sgd() }]
    : (demandedArguments[name] ?? (demandedOptions[name] === undefined ? [] : [demandedOptions[name]]));

type Options = Readonly<Record<string, unknown>>;
const made = (home: object, name: string): unknown =>
  (home as Record<string, (...given: readonly unknown[]) => unknown>)[name]!(...demanded(name));

/** The options that every class of a module has; null where none is taken unless given. */
const everywhere: { readonly [M in Case["module"]]: Options } = {
  layers: { name: null, trainable: true, activityRegularizer: null },
  // A loss is called as its class; figures have the names of outputs.
  losses: { name: null },
  metrics: { name: null },
  // What an optimizer does when they are not given: optimizers.test.ts.
  optimizers: {
    name: null,
    ...Object.fromEntries(commonNames.map((name) => [name, null])),
    useEma: false,
    emaMomentum: 0.99,
  },
  "optimizers.schedules": { name: null },
};

/** The options of ours and their defaults; undefined for what is not there or is no class with options. */
export function ours(module: Case["module"], name: string): Options | undefined {
  const described = {
    layers: () => {
      const layer = rows[name as keyof typeof rows][0]!.make({});
      const fields = Object.entries((layer.constructor as unknown as LayerClass).fields ?? {});
      return Object.fromEntries(fields.map(([option, { initial }]) => [option, initial ?? null]));
    },
    losses: () => describeLoss(made(losses, name) as ReturnType<typeof losses.mse>)?.options,
    metrics: () => describeMetric(made(metrics, name) as Metric)?.options,
    optimizers: () => describeOptimizer(made(optimizers, name) as Optimizer)?.options,
    "optimizers.schedules": () => describeSchedule(made(schedules, name) as Schedule)?.options,
  }[module];
  const home = { layers, losses, metrics, optimizers, "optimizers.schedules": schedules }[module];
  if (!Object.hasOwn(home, name) || ["input", "multi"].includes(name)) return undefined;
  return { ...everywhere[module], ...(described() as Options | undefined) };
}

/** One form for defaults that mean the same: words in camel case, and one number for a list of equal ones. */
export function equalForms(value: unknown): unknown {
  if (typeof value === "string") return value.includes("_") ? camelCase(value) : value;
  if (!Array.isArray(value) || value.length === 0) return value ?? null;
  const forms = value.map(equalForms);
  const texts = new Set(forms.map((form) => JSON.stringify(form)));
  return texts.size === 1 ? forms[0] : forms;
}

/** Options of ours that are written in another way. */
export const otherNames: Readonly<Record<string, string>> = {
  clipnorm: "clipNorm",
  clipvalue: "clipValue",
  global_clipnorm: "globalClipNorm",
  inner_optimizer: "inner",
  keepdims: "keepDims",
};

/** Parameters that none of ours have, wherever they stand in Keras, and why. */
const missing: Readonly<Record<string, string>> = {
  autocast: "there is one precision so far",
  dtype: "there is one precision so far",
  data_format: "channels are last",
  reverse_dtype: "there is one precision so far",
  lora_rank: "adapters are to come",
  lora_alpha: "adapters are to come",
  quantization_config: "quantization is to come",
  gptq_unpacked_column_size: "quantization is to come",
  synchronized: "there is one device",
  sparse: "tensors are dense",
  ragged: "layer.ragged(texts)",
  encoding: "texts are JavaScript's",
  unroll: "a loop is compiled into one kernel",
  use_cudnn: "the compiler chooses",
  flash_attention: "the compiler chooses",
  num_labels: "the first batch tells",
  vocabulary_dtype: "integers have 32 bits",
  weights: "assign to the variables, or initializers.constant",
};

/** Parameters that one class has not, and why. */
const missingIn: Readonly<Record<string, string>> = {
  "Lambda.output_shape": "tracing the function tells",
  "Lambda.mask": "a function of Masked values handles masks itself",
  "Lambda.arguments": "the function closes over them",
  "AdditiveAttention.score_mode": "Keras ignores it",
  "Resizing.fill_mode": "Keras has one value for it",
  "StringLookup.oov_method": "hashes as Keras's floormod does",
};
/** What Keras's own base classes take, and the classes that users make ignore. */
const inner: readonly string[] = ["pool_mode", "factor"];
/** The classes for which `factor` means something. */
const withFactor = /^Random(Rotation|Contrast|Brightness|Hue|Saturation|Erasing)$|^CutMix$/;

/** Why ours has not this parameter; undefined when it should be there. */
export const missingOf = (theirs: string, parameter: string): string | undefined =>
  missingIn[`${theirs}.${parameter}`] ??
  missing[parameter] ??
  (inner.includes(parameter) && !withFactor.test(theirs) ? "an inner matter of Keras" : undefined);

/** Defaults that are written in another way here, for all classes or for one: the value, and why. */
const otherDefaults: Readonly<Record<string, readonly [value: unknown, why: string]>> = {
  activation: ["linear", "None is the identity"],
  embeddings_initializer: ["randomUniform", "uniform is its short form in Keras"],
  alpha_initializer: ["zeros", "Zeros is its class in Keras"],
  oov_method: ["floorMod", "in camel case"],
  exclude_layers: [[], "None is no list"],
};
/** All differences, in lines for the page of names. */
export const differences = (): string[] => {
  const byReason = new Map<string, string[]>();
  for (const [name, why] of Object.entries({ ...missing, ...missingIn }))
    byReason.set(why, [...(byReason.get(why) ?? []), `\`${name}\``]);
  return [...byReason].map(([why, names]) => `| ${names.join(", ")} | ${why} |`);
};
/** The tables' keys: each must be a parameter of Keras's. */
export const tableKeys: readonly string[] = [otherNames, missing, missingIn, otherDefaults].flatMap(Object.keys);

/** What ours must be where Keras's parameter has this default; undefined where nothing is demanded. */
export function expectedDefault(parameter: string, standard: unknown): unknown {
  // Names of classes are in camel case.
  if (standard === "required" || parameter === "name") return undefined;
  const other = otherDefaults[parameter];
  if (other === undefined || (parameter === "activation" && standard !== null)) return equalForms(standard);
  return equalForms(other[0]);
}
