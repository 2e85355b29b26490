import { Growing } from "./growing.ts";

/** Buckets of a level that make one of the next. */
const fan = 16;

/** What there is to say of some values that follow each other. Extremes, mean and last are those of the finite ones; NaN without any. */
export interface Summary {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly last: number;
  /** All values, finite or not. */
  readonly count: number;
  readonly nonFinite: number;
}

/** Summaries on a grid; the curves of one question have one grid, so that they align. */
export interface GridCurve {
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly mean: Float64Array;
  readonly last: Float64Array;
  readonly count: Float64Array;
  readonly nonFinite: Float64Array;
}

export interface Grid {
  /** The left end of each bucket, in units of the axis. */
  readonly x: Float64Array;
  readonly width: number;
}

/** One level: summaries of whole buckets. */
class Level {
  readonly min = new Growing((length) => new Float32Array(length));
  readonly max = new Growing((length) => new Float32Array(length));
  readonly sum = new Growing((length) => new Float64Array(length));
  readonly last = new Growing((length) => new Float32Array(length));
  readonly finite = new Growing((length) => new Float64Array(length));

  push({ min, max, sum, last, finite }: Sum): void {
    this.min.push(min);
    this.max.push(max);
    this.sum.push(sum);
    this.last.push(last);
    this.finite.push(finite);
  }
  truncate(length: number): void {
    for (const each of [this.min, this.max, this.sum, this.last, this.finite]) each.truncate(length);
  }
  get length(): number {
    return this.min.length;
  }
}

/** A summary in the making. */
class Sum {
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  sum = 0;
  last = Number.NaN;
  finite = 0;

  take(value: number): void {
    if (!Number.isFinite(value)) return;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.sum += value;
    this.last = value;
    this.finite++;
  }
  join(level: Level, index: number): void {
    const finite = level.finite.at(index);
    if (finite === 0) return;
    this.min = Math.min(this.min, level.min.at(index));
    this.max = Math.max(this.max, level.max.at(index));
    this.sum += level.sum.at(index);
    this.last = level.last.at(index);
    this.finite += finite;
  }
}

/**
 * The values of a curve, and summaries of 16, 256, 4096 … of them: any part of it is drawn without looking at each value, and no
 * spike of a single step is lost. Steps rise; a value at an earlier step (the training went back) forgets what came after.
 */
export class Pyramid {
  readonly #steps = new Growing((length) => new Uint32Array(length));
  readonly #times = new Growing((length) => new Float64Array(length));
  readonly #values = new Growing((length) => new Float32Array(length));
  readonly #levels: Level[] = [];

  get length(): number {
    return this.#values.length;
  }
  /** The steps, times and values themselves, until the next change. */
  get steps(): Uint32Array {
    return this.#steps.view;
  }
  get times(): Float64Array {
    return this.#times.view;
  }
  get values(): Float32Array {
    return this.#values.view;
  }

  push(step: number, time: number, value: number): void {
    const { length } = this;
    if (length > 0 && step <= this.#steps.at(length - 1)) this.truncate(step);
    this.#steps.push(step);
    this.#times.push(time);
    this.#values.push(value);
    this.#complete();
  }

  /** Forgets the values at `step` and after it. */
  truncate(step: number): void {
    let length = this.#steps.firstFrom(step);
    for (const each of [this.#steps, this.#times, this.#values]) each.truncate(length);
    for (const level of this.#levels) {
      length = Math.floor(length / fan);
      level.truncate(length);
    }
  }

  /** Makes the buckets that the last value has filled. */
  #complete(): void {
    let below = this.#values.length;
    for (let depth = 0; below % fan === 0; depth++) {
      const sum = new Sum();
      for (let index = below - fan; index < below; index++) {
        const lower = this.#levels[depth - 1];
        if (lower === undefined) sum.take(this.#values.at(index));
        else sum.join(lower, index);
      }
      this.#levels[depth] ??= new Level();
      this.#levels[depth]!.push(sum); // made just before
      below /= fan;
    }
  }

  /** The value at `step`, or the last one before it; undefined before the first. */
  at(step: number): { readonly step: number; readonly value: number } | undefined {
    const index = this.#steps.firstFrom(step + 1) - 1;
    return index < 0 ? undefined : { step: this.#steps.at(index), value: this.#values.at(index) };
  }

  /** The summary of the values from index `from` to `to`, which is left out. */
  summary(from: number, to: number): Summary {
    const sum = new Sum();
    this.#gather(sum, from, to);
    const empty = sum.finite === 0;
    return {
      min: empty ? Number.NaN : sum.min,
      max: empty ? Number.NaN : sum.max,
      mean: sum.sum / sum.finite,
      last: sum.last,
      count: to - from,
      nonFinite: to - from - sum.finite,
    };
  }

  /** Goes through the range in the largest steps that the levels allow. */
  #gather(sum: Sum, from: number, to: number): void {
    let at = from;
    while (at < to) {
      let [depth, size] = [-1, 1];
      while (depth + 1 < this.#levels.length && at % (size * fan) === 0 && at + size * fan <= to) {
        depth++;
        size *= fan;
      }
      const level = this.#levels[depth];
      if (level === undefined) sum.take(this.#values.at(at));
      else sum.join(level, at / size);
      at += size;
    }
  }

  /** The curve on a grid of steps or times. */
  onGrid({ x, width }: Grid, axis: "step" | "time" = "step"): GridCurve {
    const positions = axis === "step" ? this.#steps : this.#times;
    const make = (): Float64Array => new Float64Array(x.length);
    const curve = { min: make(), max: make(), mean: make(), last: make(), count: make(), nonFinite: make() };
    let from = x.length === 0 ? 0 : positions.firstFrom(x[0]!);
    for (let bucket = 0; bucket < x.length; bucket++) {
      const to = positions.firstFrom(x[bucket]! + width);
      const summary = this.summary(from, to);
      for (const name of Object.keys(curve) as (keyof GridCurve)[]) curve[name][bucket] = summary[name]; // its own keys
      from = to;
    }
    return curve;
  }
}

/** The grid over [from, to] of at most about `pixels` buckets. Its ends are multiples of the width, so that it stays when a curve grows. */
export function gridOf(from: number, to: number, pixels: number, axis: "step" | "time" = "step"): Grid {
  const exact = Math.max(0, to - from) / Math.max(1, pixels);
  const smallest = axis === "step" ? 1 : 2 ** -4;
  // Powers of two: a window that moves a little keeps its buckets.
  const width = Math.max(smallest, 2 ** Math.ceil(Math.log2(exact || smallest)));
  const first = Math.floor(from / width);
  const count = Math.max(0, Math.floor(to / width) - first + 1);
  return { x: Float64Array.from({ length: count }, (_, index) => (first + index) * width), width };
}
