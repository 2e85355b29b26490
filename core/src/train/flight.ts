/** Work that may be under way at once: enough to keep the device busy, little enough to stop soon. */
const limit = 4;

/** Promises under way, oldest first. `add` waits when there are too many; an error is thrown by the next wait, once. */
export class Flight {
  readonly #underWay: Promise<unknown>[] = [];

  async add(work: Promise<unknown>): Promise<void> {
    // Whoever waits gets the error; until then it is not an unhandled one.
    work.catch(() => {});
    this.#underWay.push(work);
    if (this.#underWay.length >= limit) await this.#underWay.shift();
  }

  /** Waits for everything under way. */
  async landed(): Promise<void> {
    const results = await Promise.allSettled(this.#underWay.splice(0));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }
}
