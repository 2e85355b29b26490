/** Steps between two samples: at first, at least, and at most. */
const firstStride = 32;
const smallestStride = 4;
const largestStride = 2 ** 16;
/** One sample that was held up makes them so much rarer at most. */
const largestLeap = 16;

/** Figures may leave so little of their share to samples. */
const leastShare = 8;

/** The share that is told is of about so much training; of all of it, where there was less. */
const windowMs = 2000;

/** A sample, and the steps since the one before. */
export interface Sampled {
  readonly costMs: number;
  /** What a step takes without a sample; 0 where none is known. */
  readonly plainMs: number;
  /** Of all the steps: their time, with the sample's, and what figures took of it. */
  readonly trainedMs: number;
  readonly figuresMs: number;
}

/** How often samples are taken: so seldom that they and the figures together stay within twice their share of the time. */
export class SamplePace {
  readonly #share: number;
  #stride = firstStride;
  #sampled = false;
  readonly #costMs: number[] = [];
  #spentMs = 0;
  #wholeMs = 0;

  constructor(share: number) {
    this.#share = share;
  }

  /** Steps from one sample to the next. */
  get stride(): number {
    return this.#stride;
  }

  /** Learns from a sample. Returns what share of the time recording has taken lately. */
  sampled({ costMs, plainMs, trainedMs, figuresMs }: Sampled): number {
    const first = !this.#sampled;
    this.#sampled = true;
    // The first runs code that has never run, and is a price of the beginning: told apart, and no measure of those to come.
    if (!first) keep(this.#costMs, costMs);
    const allowed = this.#allowed(figuresMs / Math.max(trainedMs, figuresMs, Number.MIN_VALUE));
    const wanted = plainMs === 0 ? this.#stride : (median(this.#costMs) ?? costMs) / (allowed * plainMs);
    if (wanted > this.#stride) {
      const needed = 2 ** Math.ceil(Math.log2(wanted));
      this.#stride = Math.min(largestStride, needed, this.#stride * (first ? 2 : largestLeap));
    } else if (wanted < this.#stride / 2) this.#stride = Math.max(smallestStride, this.#stride / 2);

    if (this.#wholeMs > windowMs) {
      this.#spentMs /= 2;
      this.#wholeMs /= 2;
    }
    const spent = first ? figuresMs : costMs + figuresMs;
    this.#spentMs += spent;
    this.#wholeMs += Math.max(first ? trainedMs - costMs : trainedMs, spent);
    return this.#wholeMs === 0 ? 0 : this.#spentMs / this.#wholeMs;
  }

  /** Of samples: their share, and less where figures take more than theirs, which is as much. */
  #allowed(figures: number): number {
    return Math.max(this.#share / leastShare, Math.min(this.#share, 2 * this.#share - figures));
  }
}

/** Medians are of so many: one step that the machine held up changes nothing. */
const keptTimes = 7;
export function keep(times: number[], time: number): void {
  times.push(time);
  if (times.length > keptTimes) times.shift();
}
export const median = (times: readonly number[]): number | undefined =>
  [...times].sort((a, b) => a - b)[times.length >> 1];
