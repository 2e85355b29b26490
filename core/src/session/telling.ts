/**
 * Of the time between two tellings. A tenth: a training that tells is at most about a tenth longer, and one whose epochs last ten
 * tellings (a second, most often) tells after each of them.
 */
export const defaultTelling = 0.1;

/** Evaluations at the beginning that tell in any case: then most is learnt, and the price is found. The first of them compiles. */
const alwaysTold = 3;
/** The price is the least of so many: the machine may have held one up. */
const keptPrices = 3;

/** How often evaluations tell from now on. Times are in milliseconds. */
export interface TellingPace {
  /** Each so manieth evaluation tells. */
  readonly every: number;
  /** What one telling takes. */
  readonly ms: number;
  /** Between two evaluations. */
  readonly betweenMs: number;
}

/**
 * Whether an evaluation tells what it can (confusion, mistakes, the probe set, what goes on inside) besides its figures: only when
 * the training since the last telling was so long that telling takes no more than its share of it.
 */
export class Telling {
  readonly #share: number;
  readonly #prices: number[] = [];
  #evaluations = 0;
  /** When the last telling and the last evaluation ended. */
  #toldAt: number;
  #evaluatedAt: number;
  #betweenMs = 0;
  #pace = 1;

  /** `now`: when the training begins, on the clock of all that follows. */
  constructor(share: number, now: number) {
    this.#share = share;
    this.#toldAt = now;
    this.#evaluatedAt = now;
  }

  get #price(): number {
    return Math.min(...this.#prices);
  }

  /** Whether the evaluation that ends now tells. */
  due(now: number): boolean {
    this.#betweenMs = now - this.#evaluatedAt;
    this.#evaluatedAt = now;
    return ++this.#evaluations <= alwaysTold || this.#price <= this.#share * (now - this.#toldAt);
  }

  /** The telling is over. */
  told(began: number, now: number): void {
    this.#prices.push(now - began);
    if (this.#prices.length > keptPrices) this.#prices.shift();
    this.#toldAt = now;
    this.#evaluatedAt = now;
  }

  /** How often evaluations tell, where that is another number than before: for the log. */
  changed(): TellingPace | undefined {
    if (this.#evaluations < alwaysTold) return undefined;
    const every = Math.max(1, Math.ceil(this.#price / (this.#share * this.#betweenMs)));
    // Paces that differ by less than a half are one: clocks are not that true.
    if (Math.max(every, this.#pace) < 1.5 * Math.min(every, this.#pace)) return undefined;
    this.#pace = every;
    return { every, ms: this.#price, betweenMs: this.#betweenMs };
  }
}
