import type { Pyramid, SeriesDefinition, Summary } from "chainrule/record";
import { firstFrom } from "./search.ts";

/** One value of a curve. */
export interface Point {
  readonly step: number;
  readonly value: number;
}

/** The values of one series by rising steps. */
export class Curve {
  readonly definition: SeriesDefinition;
  readonly #values: Pyramid;

  constructor(definition: SeriesDefinition, values: Pyramid) {
    this.definition = definition;
    this.#values = values;
  }

  get length(): number {
    return this.#values.length;
  }
  get firstStep(): number {
    return this.#values.steps[0] ?? 0;
  }
  get lastStep(): number {
    return this.#values.steps.at(-1) ?? 0;
  }
  /** Steps, and when they were done, until the next change. */
  get steps(): Uint32Array {
    return this.#values.steps;
  }
  get times(): Float64Array {
    return this.#values.times;
  }

  /** Forgets what came after `step`. */
  rewind(step: number): void {
    this.#values.truncate(step + 1);
  }

  /** Of the steps from `begin` to before `end`. */
  summary(begin: number, end: number): Summary {
    const { steps } = this.#values;
    const from = firstFrom(steps, begin);
    return this.#values.summary(from, Math.max(from, firstFrom(steps, end)));
  }

  /** The value that was the last one at `step`; undefined before the first. */
  at(step: number): Point | undefined {
    return this.#values.at(step);
  }

  /** The median of the last `count` values until `step`. */
  usual(step: number, count: number): number {
    const end = firstFrom(this.#values.steps, step + 1);
    const sorted = this.#values.values.slice(Math.max(0, end - count), end).sort();
    return sorted[sorted.length >> 1] ?? Number.NaN;
  }

  /** At most `count` of the steps from `begin` to before `end`, evenly spread; the first and the last among them. */
  rows(begin: number, end: number, count: number): number[] {
    const { steps } = this.#values;
    const [first, last] = [firstFrom(steps, begin), firstFrom(steps, end)];
    const rows = Math.max(0, Math.min(count, last - first));
    const placeOf = (row: number): number => first + Math.round((row * (last - first - 1)) / Math.max(1, rows - 1));
    return Array.from({ length: rows }, (_, row) => steps[placeOf(row)]!);
  }

  /** All values, by their steps, until the next change. */
  get values(): Float32Array {
    return this.#values.values;
  }
}
