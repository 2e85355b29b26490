import { type Events, on } from "../base/events.ts";
import { type AllocationLog, type MemoryOwner, memoryOwners } from "../record/index.ts";

/** Lines of a report, at most. */
const mostEvents = 256;

interface Heard {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly at: number;
}

/**
 * One log of the memory that devices give to values and get back: from the beginning to the first report, and from then on during the
 * steps whose kernels are listened to. To hear each of them would cost short steps more than all of their figures.
 */
export class Allocations {
  #stop: (() => void) | undefined;
  readonly #ids = new WeakMap<object, { readonly id: number; readonly name: string }>();
  #heard: Heard[] = [];
  #count = 0;
  #reported = false;

  /** Hears what comes, until the log is full or `rest`. */
  listen(): void {
    this.#stop ??= on("allocation", (event) => this.#hear(event));
  }
  rest(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #hear({ buffer, bytes, name }: Events["allocation"]): void {
    const known = bytes < 0 ? this.#ids.get(buffer) : { id: ++this.#count, name };
    if (known === undefined) return; // it was given while nobody listened
    if (bytes > 0) this.#ids.set(buffer, known);
    this.#heard.push({ ...known, bytes, at: performance.now() });
    if (this.#heard.length >= mostEvents) this.rest();
  }

  /** What was heard since the last report. A piece is its owner's by the buffer that the owner has now, or by its name. */
  report(owned: ReadonlyMap<object, MemoryOwner>, ownerOf: (name: string) => MemoryOwner): AllocationLog | undefined {
    if (!this.#reported) this.rest();
    this.#reported = true;
    if (this.#heard.length === 0) return undefined;
    const ownerById = new Map<number, MemoryOwner>();
    for (const [buffer, owner] of owned) {
      const known = this.#ids.get(buffer);
      if (known !== undefined) ownerById.set(known.id, owner);
    }
    const now = performance.now();
    const labels = new Map<string, { readonly name: string; readonly owner: number; readonly place: number }>();
    const events = this.#heard.map(({ id, name, bytes, at }): AllocationLog["events"][number] => {
      const owner = memoryOwners.indexOf(ownerById.get(id) ?? ownerOf(name));
      const label = labels.get(`${owner} ${name}`) ?? { name, owner, place: labels.size };
      labels.set(`${owner} ${name}`, label);
      return [Math.round(10 * (now - at)) / 10, id, bytes, label.place];
    });
    this.#heard = [];
    const all = [...labels.values()];
    return { names: all.map(({ name }) => name), owners: all.map(({ owner }) => owner), events };
  }
}
