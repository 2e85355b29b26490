import { type Events, on } from "../base/events.ts";
import { type AllocationLog, type MemoryOwner, memoryOwners } from "../record/index.ts";

/** Of the first and of the last events since a report, so many are kept each. */
const keptEvents = 128;

interface Heard {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly at: number;
}

/** One log of all memory that devices give to values and get back, while it is listened to. */
export class Allocations {
  readonly #stop: () => void;
  readonly #ids = new WeakMap<object, { readonly id: number; readonly name: string }>();
  /** Bytes that are allocated, by the name of what they are for. */
  readonly #alive = new Map<string, number>();
  #first: Heard[] = [];
  #last: Heard[] = [];
  #leftOut = 0;
  #count = 0;

  constructor() {
    this.#stop = on("allocation", (event) => this.#hear(event));
  }

  #hear({ buffer, bytes, name }: Events["allocation"]): void {
    const known = bytes < 0 ? this.#ids.get(buffer) : { id: ++this.#count, name };
    if (known === undefined) return; // it was there before we listened
    if (bytes > 0) this.#ids.set(buffer, known);
    this.#alive.set(known.name, (this.#alive.get(known.name) ?? 0) + bytes);
    const heard = { ...known, bytes, at: performance.now() };
    if (this.#first.length < keptEvents) {
      this.#first.push(heard);
      return;
    }
    this.#last.push(heard);
    if (this.#last.length <= 2 * keptEvents) return;
    this.#leftOut += keptEvents;
    this.#last = this.#last.slice(keptEvents);
  }

  /** What happened since the last report. */
  report(ownerOf: (name: string) => MemoryOwner): AllocationLog {
    const surplus = Math.max(0, this.#last.length - keptEvents);
    const heard = [...this.#first, ...this.#last.slice(surplus)];
    const leftOut = this.#leftOut + surplus;
    [this.#first, this.#last, this.#leftOut] = [[], [], 0];
    const names = [...new Set(heard.map(({ name }) => name))];
    const now = performance.now();
    const alive: { [O in MemoryOwner]?: number } = {};
    for (const [name, bytes] of this.#alive) {
      const owner = ownerOf(name);
      alive[owner] = (alive[owner] ?? 0) + bytes;
    }
    return {
      alive,
      names,
      owners: names.map((name) => memoryOwners.indexOf(ownerOf(name))),
      events: heard.map(({ id, name, bytes, at }) => [
        Math.round(10 * (now - at)) / 10,
        id,
        bytes,
        names.indexOf(name),
      ]),
      leftOut,
    };
  }

  close(): void {
    this.#stop();
  }
}
