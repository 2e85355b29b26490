import { ArgumentError } from "../base/errors.ts";
import { Catalogue, type Described } from "../nn/catalogue.ts";
import { Adafactor, type AdafactorOptions } from "./adafactor.ts";
import { Adadelta, type AdadeltaOptions, Adagrad, type AdagradOptions } from "./adagrad.ts";
import { Adam, type AdamOptions, AdamW } from "./adam.ts";
import { Adamax, type AdamaxOptions, Nadam } from "./adamax.ts";
import { Ftrl, type FtrlOptions } from "./ftrl.ts";
import { Lamb, type LambOptions } from "./lamb.ts";
import { Lion, type LionOptions } from "./lion.ts";
import { LossScaleOptimizer, type LossScaleOptions } from "./lossScale.ts";
import { MultiOptimizer, type MultiPart } from "./multi.ts";
import { Muon, type MuonOptions } from "./muon.ts";
import { Optimizer } from "./optimizer.ts";
import { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
import { restoreSchedule } from "./schedules/index.ts";
import { SGD, type SGDOptions } from "./sgd.ts";

const simple = {
  sgd: (options?: SGDOptions): SGD => new SGD(options),
  rmsprop: (options?: RMSpropOptions): RMSprop => new RMSprop(options),
  adam: (options?: AdamOptions): Adam => new Adam(options),
  adamw: (options?: AdamOptions): AdamW => new AdamW(options),
  adagrad: (options?: AdagradOptions): Adagrad => new Adagrad(options),
  adadelta: (options?: AdadeltaOptions): Adadelta => new Adadelta(options),
  adamax: (options?: AdamaxOptions): Adamax => new Adamax(options),
  nadam: (options?: AdamaxOptions): Nadam => new Nadam(options),
  lion: (options?: LionOptions): Lion => new Lion(options),
  ftrl: (options?: FtrlOptions): Ftrl => new Ftrl(options),
  adafactor: (options?: AdafactorOptions): Adafactor => new Adafactor(options),
  lamb: (options?: LambOptions): Lamb => new Lamb(options),
  muon: (options?: MuonOptions): Muon => new Muon(options),
} as const;

/** The names of optimizers that need no options. */
export type OptimizerName = keyof typeof simple;
/** An optimizer, its name, or what a file says of it. */
type OptimizerLike = Optimizer | OptimizerName | Described;

/** Those that hold others; only a program that makes one, or reads one from a file, loads them. */
const outer = {
  /** Another optimizer, for losses in half precision. */
  lossScale: ({ inner, ...options }: LossScaleOptions & { readonly inner: OptimizerLike }): LossScaleOptimizer =>
    new LossScaleOptimizer(optimizerOf(inner), withoutRate(options)),
  /** Several optimizers, each for variables of its own. */
  multi: ({ parts, otherwise }: MultiOptions): MultiOptimizer =>
    new MultiOptimizer(
      demandParts(parts).map(({ optimizer, variables }) => ({ optimizer: optimizerOf(optimizer), variables })),
      optimizerOf(otherwise),
    ),
} as const;

/** Optimizers by name, with Keras's defaults. */
export const optimizers = /* @__PURE__ */ joined(simple, outer);
function joined<A, B>(a: A, b: B): A & B {
  return { ...a, ...b };
}

interface MultiOptions {
  readonly parts: readonly { readonly optimizer: OptimizerLike; readonly variables: MultiPart["variables"] }[];
  /** Moves what no part moves. */
  readonly otherwise: OptimizerLike;
}

function optimizerOf(given: OptimizerLike): Optimizer {
  if (given instanceof Optimizer) return given;
  return typeof given === "string" ? resolveOptimizer(given) : restoreOptimizer(given);
}
/** Files say the rate of the optimizer inside beside it. */
const withoutRate = (options: object): LossScaleOptions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => name !== "learningRate"));

function demandParts(parts: MultiOptions["parts"]): MultiOptions["parts"] {
  const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((text) => typeof text === "string");
  const fits = ({ variables }: MultiOptions["parts"][number]): boolean =>
    typeof variables === "function" || isTexts(variables) || isTexts((variables as { names?: unknown } | null)?.names);
  if (Array.isArray(parts) && parts.every((part) => typeof part === "object" && part !== null && fits(part)))
    return parts;
  throw new ArgumentError({
    what: "multi: parts are { optimizer, variables }, where variables are texts, { names } or a function",
    hint: 'optimizers.multi({ parts: [{ optimizer: "sgd", variables: ["embedding"] }], otherwise: "adam" })',
  });
}

const unnamed = (): never => {
  throw new ArgumentError({
    what: "optimizers that hold others have options",
    hint: "optimizers.lossScale({ inner }), optimizers.multi({ parts, otherwise })",
  });
};
const unmade: { readonly [K in keyof typeof outer]: () => never } = { lossScale: unnamed, multi: unnamed };
const catalogue = new Catalogue<Optimizer>("optimizer", { ...simple, ...unmade });

/** Lets `compile` and files name an optimizer of your own: `make` gets what its `config()` returned. */
export function registerOptimizer(name: string, make: (options: Readonly<Record<string, unknown>>) => Optimizer): void {
  catalogue.register(name, make);
}

/** The optimizer itself, or the one of that name; an unknown name is an error with the nearest valid ones. */
export function resolveOptimizer(given: OptimizerName | Optimizer): Optimizer {
  return typeof given === "string" ? catalogue.make(given) : given;
}

/** What a file says of the optimizer; undefined for one whose name, or schedule, nobody registered. */
export function describeOptimizer(optimizer: Optimizer): Described | undefined {
  const options = optimizer.config();
  const { parts = [], otherwise, inner } = options as Nested; // as the two that hold others write them
  const held = [...parts.map((part) => part.optimizer), otherwise, inner].filter((each) => each !== undefined);
  const known = [optimizer, ...held].every(({ name }) => catalogue.has(name)) && options["learningRate"] !== undefined;
  return known ? { name: optimizer.name, options } : undefined;
}

interface Nested {
  readonly parts?: readonly { readonly optimizer: Described }[];
  readonly otherwise?: Described;
  readonly inner?: Described;
}

/** The optimizer that untrusted JSON describes, its schedule included. */
export function restoreOptimizer(described: unknown): Optimizer {
  const { name } = (described ?? {}) as { readonly name?: unknown }; // any value has properties, or none
  const holds = name === "lossScale" || name === "multi";
  const from = holds ? new Catalogue<Optimizer>("optimizer", outer) : catalogue;
  return from.restore(described, (options) => {
    const { learningRate } = options;
    const scheduled = typeof learningRate === "object" && learningRate !== null;
    return scheduled ? { ...options, learningRate: restoreSchedule(learningRate) } : options;
  });
}

export { type LbfgsOptions, type LbfgsResult, lbfgs } from "./lbfgs.ts";
export type { Next, Present, SlotRule, Slots } from "./optimizer.ts";
export type { OptimizerOptions } from "./options.ts";
export {
  FunctionSchedule,
  registerSchedule,
  restoreSchedule,
  Schedule,
  type ScheduleFunction,
  schedules,
} from "./schedules/index.ts";
export { type UpdateWatch, updateWatch, watchUpdates } from "./watch.ts";
export {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adamax,
  type AdamOptions,
  AdamW,
  Ftrl,
  Lamb,
  Lion,
  LossScaleOptimizer,
  MultiOptimizer,
  Muon,
  Nadam,
  Optimizer,
  RMSprop,
  type RMSpropOptions,
  SGD,
  type SGDOptions,
};
