import { InternalError } from "../../base/errors.ts";
import { Catalogue, type Described } from "../../nn/catalogue.ts";
import type { Tensor } from "../../tensor/index.ts";
import { cosineDecay, cosineDecayRestarts } from "./cosine.ts";
import { exponentialDecay, inverseTimeDecay, piecewiseConstantDecay, polynomialDecay } from "./decay.ts";
import { FunctionSchedule, Schedule } from "./schedule.ts";

/** Schedules of the learning rate by name, with Keras's defaults. */
export const schedules = {
  exponentialDecay,
  inverseTimeDecay,
  polynomialDecay,
  piecewiseConstantDecay,
  cosineDecay,
  cosineDecayRestarts,
} as const;

export type ScheduleFunction = (step: Tensor) => Tensor;

// Who trains with a number loads no schedules: these are their names, and what reads files makes them.
const byFiles = (): never => {
  throw new InternalError("a schedule is made by what reads files");
};
const named: { readonly [K in keyof typeof schedules]: () => never } = {
  exponentialDecay: byFiles,
  inverseTimeDecay: byFiles,
  polynomialDecay: byFiles,
  piecewiseConstantDecay: byFiles,
  cosineDecay: byFiles,
  cosineDecayRestarts: byFiles,
};
const catalogue = new Catalogue<Schedule>("schedule", named);

/** Lets files name a schedule of your own: `make` gets what its `config()` returned, and gives a `Schedule` or a function. */
export function registerSchedule(
  name: string,
  make: (options: Readonly<Record<string, unknown>>) => Schedule | ScheduleFunction,
): void {
  catalogue.register(name, (options) => {
    const made = make(options);
    return typeof made === "function" ? new FunctionSchedule(made, name) : made;
  });
}

/** What a file says of the schedule; undefined for one whose name nobody registered. */
export const describeSchedule = (schedule: Schedule): Described | undefined =>
  catalogue.has(schedule.name) ? { name: schedule.name, options: schedule.config() } : undefined;

/** The schedule that untrusted JSON describes. */
export function restoreSchedule(described: unknown): Schedule {
  const { name } = (described ?? {}) as { readonly name?: unknown }; // any value has properties, or none
  const ours = typeof name === "string" && Object.hasOwn(named, name);
  return (ours ? new Catalogue<Schedule>("schedule", schedules) : catalogue).restore(described);
}

export { FunctionSchedule, Schedule };
