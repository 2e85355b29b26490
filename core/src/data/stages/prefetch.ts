import { nextTurn } from "../../base/turn.ts";
import type { Eventual } from "../eventual.ts";
import { type Cursor, type End, end, openPlan, type Plan } from "../plan.ts";
import { demandCount } from "./demand.ts";

/** Elements that are made before they are asked for: at most `count` wait. */
export function prefetch<T>(from: Plan<T>, count = 2): Plan<T> {
  demandCount("prefetch: the count", count);
  return {
    name: "prefetch",
    inputs: [from],
    cardinality: from.cardinality,
    indexed: from.indexed,
    open: (pass, order) => ahead(openPlan(from, pass, order), count),
  };
}

/** A cursor that asks another ahead of time. */
export const ahead = <T>(from: Cursor<T>, count: number): Cursor<T> => new Ahead(from, count);

/**
 * What must be waited for is asked for at once. What this thread makes itself is made when others have had their turn: then
 * whoever takes the elements waits for something else, and the time is free.
 */
class Ahead<T> implements Cursor<T> {
  readonly #from: Cursor<T>;
  readonly #count: number;
  readonly #waiting: Eventual<T | End>[] = [];
  /** The call that has not ended: the next one comes after it. */
  #busy: Promise<unknown> | undefined;
  #planned = false;
  #over = false;

  constructor(from: Cursor<T>, count: number) {
    this.#from = from;
    this.#count = count;
  }

  next(): Eventual<T | End> {
    const element = this.#waiting.length > 0 ? this.#waiting.shift()! : this.#ask(); // there is one
    if (element instanceof Promise) while (this.#waiting.length < this.#count) this.#waiting.push(this.#ask());
    else if (element === end) this.#over = true;
    else this.#plan();
    return element;
  }

  async skip(count: number): Promise<number> {
    let skipped = 0;
    for (; skipped < count && this.#waiting.length > 0; skipped++)
      if ((await this.#waiting.shift()) === end) return skipped;
    await this.#busy;
    return skipped + (await this.#from.skip(count - skipped));
  }

  async close(): Promise<void> {
    this.#over = true;
    await Promise.allSettled(this.#waiting.splice(0));
    await this.#busy;
    await this.#from.close();
  }

  #ask(): Eventual<T | End> {
    const element = this.#busy === undefined ? this.#from.next() : this.#busy.then(() => this.#from.next());
    if (!(element instanceof Promise)) return element;
    const ended = (): void => {
      if (this.#busy === call) this.#busy = undefined;
    };
    const call = element.then(ended, ended); // whoever takes the element hears of errors
    this.#busy = call;
    return element;
  }

  #plan(): void {
    if (this.#planned || this.#over || this.#waiting.length >= this.#count) return;
    this.#planned = true;
    void nextTurn().then(() => {
      this.#planned = false;
      if (this.#over || this.#busy !== undefined || this.#waiting.length >= this.#count) return;
      this.#waiting.push(this.#made());
      this.#plan();
    });
  }

  /** An element; an error waits for whoever takes it. */
  #made(): Eventual<T | End> {
    try {
      const element = this.#ask();
      if (element === end) this.#over = true;
      return element;
    } catch (error) {
      const failed = Promise.reject(error);
      failed.catch(() => {});
      return failed;
    }
  }
}
