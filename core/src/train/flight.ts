/** Work that may be under way at once: enough to keep the device busy, little enough to stop soon. */
const limit = 4;

/** Promises under way, oldest first. `add` waits when there are too many; an error is thrown by the next wait, once. */
export class Flight {
  readonly #underWay: Promise<unknown>[] = [];
  #open = 0;

  /** Whether nothing is under way, as far as it has been told. */
  get idle(): boolean {
    return this.#open === 0;
  }

  async add(work: Promise<unknown>): Promise<void> {
    this.#open++;
    const over = (): void => {
      this.#open--;
    };
    // Whoever waits gets the error; until then it is not an unhandled one.
    work.then(over, over);
    this.#underWay.push(work);
    if (this.#underWay.length >= limit) await this.#underWay.shift();
  }

  /** Waits for everything under way. */
  async landed(): Promise<void> {
    const results = await Promise.allSettled(this.#underWay.splice(0));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }
}
