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
  /** What is held, by its number. */
  readonly #alive = new Map<number, { readonly name: string; readonly bytes: number }>();
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
    if (bytes > 0) this.#alive.set(known.id, { name, bytes });
    else this.#alive.delete(known.id);
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

  /** What happened since the last report. A piece is its owner's by the buffer that the owner has now, or by its name. */
  report(owned: ReadonlyMap<object, MemoryOwner>, ownerOf: (name: string) => MemoryOwner): AllocationLog {
    const ownerById = new Map<number, MemoryOwner>();
    for (const [buffer, owner] of owned) {
      const known = this.#ids.get(buffer);
      if (known !== undefined) ownerById.set(known.id, owner);
    }
    const surplus = Math.max(0, this.#last.length - keptEvents);
    const heard = [...this.#first, ...this.#last.slice(surplus)];
    const leftOut = this.#leftOut + surplus;
    [this.#first, this.#last, this.#leftOut] = [[], [], 0];
    const now = performance.now();
    const labels = new Map<string, { readonly name: string; readonly owner: number; readonly place: number }>();
    const events = heard.map(({ id, name, bytes, at }): AllocationLog["events"][number] => {
      const owner = memoryOwners.indexOf(ownerById.get(id) ?? ownerOf(name));
      const label = labels.get(`${owner} ${name}`) ?? { name, owner, place: labels.size };
      labels.set(`${owner} ${name}`, label);
      return [Math.round(10 * (now - at)) / 10, id, bytes, label.place];
    });
    const alive: { [O in MemoryOwner]?: number } = {};
    for (const [id, { name, bytes }] of this.#alive) {
      const owner = ownerById.get(id) ?? ownerOf(name);
      alive[owner] = (alive[owner] ?? 0) + bytes;
    }
    const all = [...labels.values()];
    return { alive, names: all.map(({ name }) => name), owners: all.map(({ owner }) => owner), events, leftOut };
  }

  close(): void {
    this.#stop();
  }
}
