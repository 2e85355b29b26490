import { type Given, withDefaults } from "../../nn/options.ts";
import type { Tensor } from "../../tensor/index.ts";

/** A learning rate that depends on the step: a pure function, so that it is part of the compiled step. */
export abstract class Schedule {
  /** As in files. */
  abstract readonly name: string;
  /** The rate at `step`, an f32 scalar that counts from 0. */
  abstract rate(step: Tensor): Tensor;
  /** Plain JSON that makes an equal schedule. */
  abstract config(): Readonly<Record<string, unknown>>;
}

/** What tells one schedule of the library from another. */
export interface ScheduleRule<R extends object, O extends object> {
  /** Examples of what must be given. */
  readonly required: R;
  readonly defaults: O;
  /** Throws where an option has a value that makes no sense; one that is missing is NaN, or an empty list. */
  readonly check: (options: R & O) => void;
  readonly rate: (step: Tensor, options: R & O) => Tensor;
}

class Ruled<R extends object, O extends object> extends Schedule {
  override readonly name: string;
  readonly #rule: ScheduleRule<R, O>;
  readonly #options: R & O;

  constructor(name: string, rule: ScheduleRule<R, O>, given: object) {
    super();
    this.name = name;
    this.#rule = rule;
    this.#options = withDefaults(name, given, { ...rule.required, ...rule.defaults });
    rule.check(this.#options);
  }

  override rate(step: Tensor): Tensor {
    return this.#rule.rate(step, this.#options);
  }

  override config(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(this.#options));
  }
}

/** The maker of the schedule `name`. */
export const scheduleOf =
  <R extends object, O extends object>(name: string, rule: ScheduleRule<R, O>) =>
  (options: Readonly<R> & Given<O>): Schedule =>
    new Ruled(name, rule, options);

/** A schedule that is the user's function of the step. */
export class FunctionSchedule extends Schedule {
  override readonly name: string;
  override readonly rate: (step: Tensor) => Tensor;

  constructor(rate: (step: Tensor) => Tensor, name = rate.name || "schedule") {
    super();
    this.name = name;
    this.rate = rate;
  }

  override config(): Readonly<Record<string, unknown>> {
    return {};
  }
}
