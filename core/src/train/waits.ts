import type { Flight } from "./flight.ts";

/** Steps that are timed alone, after the first, which is compiled. */
const timedAlone = 2;

/**
 * Measures how long the device stood still because data were not ready. A batch that takes its time while the device is
 * busy costs nothing; when a step is sent and none is under way, then the device has waited since the last one ended: for
 * the time between the two steps, less the time that a step takes, and no longer than the batch took. What a step takes is
 * learnt by waiting for two of them alone: a thread that makes batches itself would hear of their end too late.
 */
export class Waits {
  readonly #clock: () => number;
  #began = 0;
  #waited = 0;
  #sent = 0;
  #alone = 0;
  #stepMs = Number.POSITIVE_INFINITY;

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** An epoch begins. */
  begin(): void {
    this.#began = this.#clock();
    this.#waited = 0;
    this.#sent = this.#began;
  }

  /** Whether steps must still be timed alone. */
  get learning(): boolean {
    return this.#alone <= timedAlone;
  }

  /** Waits for the step that was sent at `sent`. */
  async learn(flight: Pick<Flight, "idle" | "landed">, sent: number): Promise<void> {
    await flight.landed();
    if (this.#alone++ > 0) this.#stepMs = Math.min(this.#stepMs, this.#clock() - sent);
  }

  /** A batch that took `ms` is about to be sent; how long the device waited for it. */
  ready(flight: Pick<Flight, "idle" | "landed">, ms: number): number {
    const now = this.#clock();
    const between = now - this.#sent;
    this.#sent = now;
    if (!flight.idle || this.#stepMs === Number.POSITIVE_INFINITY) return 0;
    const waited = Math.max(0, Math.min(ms, between - this.#stepMs));
    this.#waited += waited;
    return waited;
  }

  /** The part of the present epoch that was spent waiting, from 0 to 1. */
  get share(): number {
    return this.#waited / Math.max(1e-6, this.#clock() - this.#began);
  }
}
