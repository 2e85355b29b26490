import { isPlain } from "../nn/structure.ts";
import { hasTensors, mapArrays, onHost } from "./element.ts";
import { type Cursor, type End, end, type Meter, openPlan, type Pass, type Plan } from "./plan.ts";

/** What the values at one place of the elements are. */
export interface ValueStats {
  /** Where in the elements: "x", "0"; "" for elements that are values themselves. */
  readonly name: string;
  /** Numbers that were looked at, or texts. */
  readonly count: number;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly min: number;
  readonly max: number;
  /** Of whole numbers and texts with few different values: the share of each. */
  readonly shares: Readonly<Record<string, number>> | undefined;
}

/** What one stage did. */
export interface StageStats {
  readonly name: string;
  /** Elements that it gave. */
  readonly elements: number;
  /** Time in it, without that in the stages before it. */
  readonly ms: number;
  /** Time that it waited for the stages before it. */
  readonly waitMs: number;
}

export interface DatasetStats {
  readonly elements: number;
  readonly ms: number;
  readonly values: readonly ValueStats[];
  /** From the source to the last stage. */
  readonly stages: readonly StageStats[];
  /** Tables for people. */
  toString(): string;
}

/** Different values of which the shares are counted. */
const mostShares = 1000;

/** Goes through a pass and counts. */
export async function statsOf(plan: Plan<unknown>, pass: Pass, most: number): Promise<DatasetStats> {
  const clock = new Stopwatch();
  const values = new Map<string, Values>();
  const began = performance.now();
  const cursor = openPlan(plan, { ...pass, meter: clock });
  let elements = 0;
  try {
    for (let element = await cursor.next(); element !== end && elements < most; element = await cursor.next()) {
      elements++;
      observe(hasTensors(element) ? await onHost(element) : element, "", values);
    }
  } finally {
    await cursor.close();
  }
  const found = [...values].map(([name, each]) => each.stats(name));
  return table({ elements, ms: performance.now() - began, values: found, stages: clock.stages(plan) });
}

function observe(element: unknown, path: string, values: Map<string, Values>): void {
  const of = (place: string): Values => {
    const found = values.get(place) ?? new Values();
    values.set(place, found);
    return found;
  };
  mapArrays(element, (array, inner) => {
    of(nameOf(path + inner)).addAll(array.data);
    return array;
  });
  if (typeof element === "string") of(nameOf(path)).addText(element);
  else if (typeof element === "number" || typeof element === "boolean") of(nameOf(path)).addAll([Number(element)]);
  else if (Array.isArray(element) && typeof element[0] !== "number") {
    // Texts of a batch are one column; other lists have places.
    const texts = typeof element[0] === "string" && path !== "";
    element.forEach((part, index) => {
      if (isSingle(part)) observe(part, texts ? path : `${path}.${index}`, values);
    });
  } else if (isPlain(element))
    for (const [key, part] of Object.entries(element)) if (holdsSingles(part)) observe(part, `${path}.${key}`, values);
}

const isSingle = (value: unknown): boolean =>
  typeof value === "number" || typeof value === "string" || typeof value === "boolean";
/** What `mapArrays` does not go through. */
const holdsSingles = (value: unknown): boolean =>
  isSingle(value) || isPlain(value) || (Array.isArray(value) && !(typeof value[0] === "number"));
const nameOf = (path: string): string => path.replace(/^\./, "");

/** Running figures of numbers (Welford's means and squares), or texts. */
class Values {
  #count = 0;
  #mean = 0;
  #squares = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #shares: Map<number | string, number> | undefined = new Map();

  addAll(values: ArrayLike<number>): void {
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      this.#count++;
      const apart = value - this.#mean;
      this.#mean += apart / this.#count;
      this.#squares += apart * (value - this.#mean);
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
      if (this.#shares !== undefined) this.#share(value);
    }
  }

  addText(text: string): void {
    this.#count++;
    this.#mean = Number.NaN;
    this.#squares = Number.NaN;
    this.#share(text);
  }

  #share(value: number | string): void {
    if (this.#shares === undefined) return;
    if (typeof value === "number" && !Number.isInteger(value)) this.#shares = undefined;
    else {
      this.#shares.set(value, (this.#shares.get(value) ?? 0) + 1);
      if (this.#shares.size > mostShares) this.#shares = undefined;
    }
  }

  stats(name: string): ValueStats {
    const shares =
      this.#shares &&
      Object.fromEntries(
        [...this.#shares].sort(([a], [b]) => (a < b ? -1 : 1)).map(([value, count]) => [value, count / this.#count]),
      );
    return {
      name,
      count: this.#count,
      mean: this.#mean,
      standardDeviation: Math.sqrt(this.#squares / this.#count),
      min: Number.isNaN(this.#mean) ? Number.NaN : this.#min,
      max: Number.isNaN(this.#mean) ? Number.NaN : this.#max,
      shares,
    };
  }
}

interface Reading {
  elements: number;
  /** In the stage and those before it. */
  ms: number;
}

/** Times the stages of a pass. */
class Stopwatch implements Meter {
  readonly #readings = new Map<Plan<unknown>, Reading>();

  watch<T>(plan: Plan<T>, cursor: Cursor<T>): Cursor<T> {
    const reading = this.#readings.get(plan) ?? { elements: 0, ms: 0 };
    this.#readings.set(plan, reading);
    const timed = <V>(ask: () => V | Promise<V>, count: (value: V) => number): V | Promise<V> => {
      const began = performance.now();
      const done = (value: V): V => {
        reading.ms += performance.now() - began;
        reading.elements += count(value);
        return value;
      };
      const asked = ask();
      return asked instanceof Promise ? asked.then(done) : done(asked);
    };
    const { many } = cursor;
    return {
      next: () =>
        timed(
          () => cursor.next(),
          (element: T | End) => (element === end ? 0 : 1),
        ),
      skip: (count) => cursor.skip(count),
      many:
        many &&
        ((count) =>
          timed(
            () => many(count),
            (found) => (found === end ? 0 : found.count),
          )),
      close: () => cursor.close(),
    };
  }

  /** The stages from the sources on, each once. */
  stages(plan: Plan<unknown>): StageStats[] {
    const found: StageStats[] = [];
    const seen = new Set<Plan<unknown>>();
    const visit = (stage: Plan<unknown>): void => {
      if (seen.has(stage)) return;
      seen.add(stage);
      stage.inputs.forEach(visit);
      const own = this.#readings.get(stage) ?? { elements: 0, ms: 0 };
      const waitMs = stage.inputs.reduce((sum, input) => sum + (this.#readings.get(input)?.ms ?? 0), 0);
      found.push({ name: stage.name, elements: own.elements, ms: Math.max(0, own.ms - waitMs), waitMs });
    };
    visit(plan);
    return found;
  }
}

/** The figures, with tables of them. */
function table(stats: Omit<DatasetStats, "toString">): DatasetStats {
  const number = (value: number): string => (Number.isNaN(value) ? "" : String(Number(value.toPrecision(4))));
  const share = ([value, part]: [string, number]): string => `${value} ${(part * 100).toFixed(1)} %`;
  const lines = [
    ["value", "count", "mean", "deviation", "min", "max", "shares"],
    ...stats.values.map(({ name, count, mean, standardDeviation, min, max, shares }) => [
      name || "element",
      String(count),
      number(mean),
      number(standardDeviation),
      number(min),
      number(max),
      Object.entries(shares ?? {}).length > 12
        ? ""
        : Object.entries(shares ?? {})
            .map(share)
            .join(", "),
    ]),
  ];
  const stages = [
    ["stage", "elements", "ms", "waiting"],
    ...stats.stages.map(({ name, elements, ms, waitMs }) => [name, String(elements), number(ms), number(waitMs)]),
  ];
  const text = [aligned(lines), aligned(stages)].join("\n\n");
  return { ...stats, toString: () => text };
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))); // a heading is there
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
