import { DeviceError } from "chainrule/base";
import type { Koffi, Library } from "./library.ts";

/** Something that was pushed and may not be done: what must live until then, and what to do after. */
interface Flight {
  readonly ticket: number;
  /** Memory that C works on. */
  readonly kept: unknown;
  landed?(status: number): void;
}

interface Waiter {
  readonly ticket: number;
  readonly resolve: () => void;
}

/** The first words of the C structure: `completed`, then the statuses by ticket. */
const jobsAtMost = 256;
const stateBytes = 4 * (1 + jobsAtMost);

/** Threads must not outlive what they work on: when the process ends, they are ended first. */
const open = new Set<Queue>();
process.once("exit", () => {
  for (const queue of [...open]) queue.close();
});

/** Tickets are 32-bit and wrap around. */
const isReached = (completed: number, ticket: number): boolean => ((completed - ticket) | 0) >= 0;

/** Programs on their way: pushed here, run in order by a thread of the queue's own. */
export class Queue {
  readonly #functions: ReturnType<typeof functionsOf>;
  readonly #address: bigint;
  readonly #state: Int32Array;
  readonly #poll: InstanceType<Koffi["node"]["PollHandle"]>;
  readonly #flights: Flight[] = [];
  readonly #waiters: Waiter[] = [];
  readonly #closed: () => void;
  #pushed = 0;

  /** The queue of the pool at the address `pool`; calls `closed` when its thread has ended. */
  constructor(pool: bigint, library: Library, koffi: Koffi, closed: () => void) {
    this.#closed = closed;
    this.#functions = functionsOf(library);
    const address = this.#functions.create(pool);
    if (address === null) throw new DeviceError("native: no thread or memory for the queue of programs");
    this.#address = address;
    this.#state = new Int32Array(koffi.view(address, stateBytes));
    this.#poll = koffi.node.poll(this.#functions.descriptor(address), { readable: true }, () => this.#told());
    this.#poll.unref(); // only somebody who waits keeps the process
    open.add(this);
  }

  /** True while something that was pushed is not done. */
  get busy(): boolean {
    return this.#state[0] !== this.#pushed;
  }

  /** Runs a program after all before it; `landed` gets what it returned, not before the next look at the queue. */
  run(entry: bigint, slots: BigUint64Array, kept: unknown, landed: (status: number) => void): void {
    this.#land();
    const ticket = this.#functions.push(this.#address, entry, slots, slots.length);
    if (ticket === this.#pushed) throw new DeviceError("native: no memory for a program's table of buffers");
    this.#pushed = ticket;
    this.#flights.push({ ticket, kept, landed });
  }

  copy(to: bigint, from: bigint, bytes: number, kept: unknown): void {
    this.#land();
    this.#pushed = this.#functions.copy(this.#address, to, from, bytes);
    this.#flights.push({ ticket: this.#pushed, kept });
  }

  /** Calls `then` when all that was pushed so far is done: at once, or at a later look at the queue. */
  after(then: () => void): void {
    this.#land();
    if (this.busy) this.#flights.push({ ticket: this.#pushed, kept: undefined, landed: then });
    else then();
  }

  /** Resolves when all that was pushed so far is done. */
  settled(): Promise<void> {
    this.#land();
    if (!this.busy) return Promise.resolve();
    return new Promise((resolve) => {
      const first = this.#waiters.length === 0;
      this.#waiters.push({ ticket: this.#pushed, resolve });
      if (!first) return;
      this.#poll.ref();
      this.#functions.want(this.#address, this.#pushed);
    });
  }

  /** The same while the calling thread waits. */
  settle(): void {
    if (this.busy) this.#functions.wait(this.#address, this.#pushed);
    this.#land();
  }

  /** Ends the thread; what it has not begun is forgotten. */
  close(): void {
    if (!open.delete(this)) return;
    this.#poll.close();
    this.#functions.destroy(this.#address);
    this.#closed();
  }

  #told(): void {
    this.#functions.drain(this.#address);
    this.#land();
    while (this.#waiters.length > 0 && isReached(this.#state[0]!, this.#waiters[0]!.ticket))
      this.#waiters.shift()!.resolve();
    const [next] = this.#waiters;
    if (next === undefined) this.#poll.unref();
    else this.#functions.want(this.#address, next.ticket);
  }

  /** Lets go of what is done. */
  #land(): void {
    const completed = this.#state[0]!;
    while (this.#flights.length > 0 && isReached(completed, this.#flights[0]!.ticket)) {
      const { ticket, landed } = this.#flights.shift()!;
      landed?.(this.#state[1 + ((ticket - 1) & (jobsAtMost - 1))]!);
    }
  }
}

function functionsOf(library: Library) {
  const create: (pool: bigint) => bigint | null = library.func("void *queue_create(void *pool)");
  const push: (queue: bigint, run: bigint, slots: BigUint64Array, count: number) => number = library.func(
    "int32_t queue_push(void *queue, void *run, void *slots, int32_t count)",
  );
  const copy: (queue: bigint, to: bigint, from: bigint, bytes: number) => number = library.func(
    "int32_t queue_copy(void *queue, void *to, void *from, int64_t bytes)",
  );
  const wait: (queue: bigint, ticket: number) => void = library.func("void queue_wait(void *queue, int32_t ticket)");
  const want: (queue: bigint, ticket: number) => void = library.func("void queue_want(void *queue, int32_t ticket)");
  const descriptor: (queue: bigint) => number = library.func("int32_t queue_descriptor(void *queue)");
  const drain: (queue: bigint) => void = library.func("void queue_drain(void *queue)");
  const destroy: (queue: bigint) => void = library.func("void queue_destroy(void *queue)");
  return { create, push, copy, wait, want, descriptor, drain, destroy };
}
