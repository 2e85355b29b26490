import type { Plan } from "../kernel/plan.ts";
import type { DeviceBuffer } from "./device.ts";

/** Tells one content of a buffer from another: a number that is new after every change, for buffers that were ever asked about. */
export class Stamps {
  readonly #stamps = new WeakMap<DeviceBuffer, number>();
  #next = 0;

  /** The buffer has been written to, or will be before whatever is asked for next. */
  changed(buffer: DeviceBuffer): void {
    if (this.#stamps.has(buffer)) this.#stamps.set(buffer, this.#next++);
  }

  of(buffer: DeviceBuffer): number {
    const known = this.#stamps.get(buffer) ?? this.#next++;
    this.#stamps.set(buffer, known);
    return known;
  }
}

/** What one loaded plan keeps from run to run, and of which inputs it was made. */
export class Keeping {
  readonly #plan: Plan;
  readonly #stamps: Stamps;
  #madeOf = "";

  constructor(plan: Plan, stamps: Stamps) {
    this.#plan = plan;
    this.#stamps = stamps;
  }

  /** One more run is asked for: whether it must compute what is kept. Counts what it writes as changed. */
  next(inputs: readonly DeviceBuffer[], outputs: readonly DeviceBuffer[]): boolean {
    const { kept } = this.#plan;
    const madeOf = (kept?.inputs ?? []).map((index) => this.#stamps.of(inputs[index]!)).join();
    const stale = kept !== undefined && madeOf !== this.#madeOf;
    this.#madeOf = madeOf;
    for (const { replaces } of this.#plan.outputs) if (replaces !== undefined) this.#stamps.changed(inputs[replaces]!);
    for (const buffer of outputs) this.#stamps.changed(buffer);
    return stale;
  }

  /** A run failed: nothing is known to be kept. */
  forget(): void {
    this.#madeOf = "";
  }
}
