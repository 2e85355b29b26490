/** Work that goes on on other threads. */
export interface Underway {
  /** Resolves when it has ended, well or not. */
  readonly ended: Promise<void>;
  /** Waits for the end on the calling thread. */
  wait(): void;
}

/** What a device does in its turn; gives back what goes on after it. Turns deal with their own errors. */
export type Turn = () => Underway | undefined;

/** One turn after the other: at once where nothing is under way. */
export class Turns {
  readonly #waiting: Turn[] = [];
  #underway: Underway | undefined;
  #beginning = false;

  /** True when a turn that is added begins at once. */
  get idle(): boolean {
    return this.#underway === undefined && this.#waiting.length === 0 && !this.#beginning;
  }

  add(turn: Turn): void {
    this.#waiting.push(turn);
    this.#advance();
  }

  /** What `work` gives or throws in its turn. */
  ask<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.add(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
        return undefined;
      });
    });
  }

  /** Waits on the calling thread until all turns are done. */
  settle(): void {
    while (this.#underway !== undefined || this.#waiting.length > 0) {
      this.#underway?.wait();
      this.#underway = undefined;
      this.#advance();
    }
  }

  #advance(): void {
    if (this.#beginning) return;
    this.#beginning = true;
    while (this.#underway === undefined && this.#waiting.length > 0) {
      const underway = this.#waiting.shift()!();
      this.#underway = underway;
      void underway?.ended.then(() => {
        if (this.#underway !== underway) return; // it was waited for
        this.#underway = undefined;
        this.#advance();
      });
    }
    this.#beginning = false;
  }
}
