import { Catalogue, type Described } from "../nn/catalogue.ts";
import { Adafactor, type AdafactorOptions } from "./adafactor.ts";
import { Adadelta, type AdadeltaOptions, Adagrad, type AdagradOptions } from "./adagrad.ts";
import { Adam, type AdamOptions, AdamW } from "./adam.ts";
import { Adamax, type AdamaxOptions, Nadam } from "./adamax.ts";
import { Ftrl, type FtrlOptions } from "./ftrl.ts";
import { Lamb, type LambOptions } from "./lamb.ts";
import { Lion, type LionOptions } from "./lion.ts";
import { Muon, type MuonOptions } from "./muon.ts";
import { Optimizer } from "./optimizer.ts";
import { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
import { restoreSchedule } from "./schedules/index.ts";
import { SGD, type SGDOptions } from "./sgd.ts";

/** Optimizers by name, with Keras's defaults. */
export const optimizers = {
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

export type OptimizerName = keyof typeof optimizers;

const catalogue = new Catalogue<Optimizer>("optimizer", optimizers);

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
  const known = catalogue.has(optimizer.name) && options["learningRate"] !== undefined;
  return known ? { name: optimizer.name, options } : undefined;
}

/** The optimizer that untrusted JSON describes, its schedule included. */
export function restoreOptimizer(described: unknown): Optimizer {
  return catalogue.restore(described, (options) => {
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
  Muon,
  Nadam,
  Optimizer,
  RMSprop,
  type RMSpropOptions,
  SGD,
  type SGDOptions,
};
