import { ArgumentError, suggest } from "../base/errors.ts";
import { Adam, type AdamOptions, AdamW } from "./adam.ts";
import { Optimizer } from "./optimizer.ts";
import { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
import { SGD, type SGDOptions } from "./sgd.ts";

/** Optimizers by name, with Keras's defaults. */
export const optimizers = {
  sgd: (options?: SGDOptions): SGD => new SGD(options),
  rmsprop: (options?: RMSpropOptions): RMSprop => new RMSprop(options),
  adam: (options?: AdamOptions): Adam => new Adam(options),
  adamw: (options?: AdamOptions): AdamW => new AdamW(options),
} as const;

export type OptimizerName = keyof typeof optimizers;

/** The optimizer itself, or the one of that name; an unknown name is an error with the nearest valid ones. */
export function resolveOptimizer(given: OptimizerName | Optimizer): Optimizer {
  if (given instanceof Optimizer) return given;
  const make = Object.hasOwn(optimizers, given) ? optimizers[given] : undefined;
  if (make === undefined) {
    throw new ArgumentError({ what: `unknown optimizer "${given}"`, hint: suggest(given, Object.keys(optimizers)) });
  }
  return make();
}

export { Adam, type AdamOptions, AdamW, Optimizer, RMSprop, type RMSpropOptions, SGD, type SGDOptions };
