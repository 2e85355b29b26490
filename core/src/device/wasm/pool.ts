import { DeviceError } from "../../base/errors.ts";
import { builtin } from "../../base/host.ts";
import { control } from "../../render/wasm/control.ts";
import type { WasmMemory, WasmModule } from "../../render/wasm/engine.ts";
import type { Underway } from "./turns.ts";
import { workerSource } from "./workerSource.ts";

/** What the host says to a worker. */
type Message =
  | { readonly kind: "memory"; readonly memory: WasmMemory }
  | { readonly kind: "load"; readonly module: number; readonly code: WasmModule }
  | { readonly kind: "drop"; readonly module: number }
  | ({ readonly kind: "run"; readonly run: number; readonly thread: number } & Job);

/** What a worker says to the host. */
type Reply =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly run: number; readonly error: string | undefined };

/** One run of a module: addresses in the shared memory. */
export interface Job {
  readonly module: number;
  readonly threads: number;
  readonly control: number;
  readonly slots: number;
  readonly scratch: number;
}

/** A thread, the same in Node and in browsers. */
interface Thread {
  post(message: Message): void;
  /** While held, the thread keeps a Node process from ending. */
  hold(): void;
  release(): void;
  end(): Promise<void>;
}

interface Listeners {
  readonly reply: (reply: Reply) => void;
  readonly failed: (error: unknown) => void;
}

/** Worker threads that run modules together on one shared memory. */
export class Pool {
  readonly #threads: readonly Thread[];
  /** Resolved when every thread has started. */
  readonly ready: Promise<void>;
  readonly #memory: WasmMemory;
  /** The run that threads are busy with, as far as somebody waits for its end. */
  #running: Running | undefined;
  /** Answers that threads owe; meanwhile they keep a Node process. */
  #owed = 0;
  #runs = 0;
  #broken: Error | undefined;

  constructor(count: number, memory: WasmMemory) {
    const starting = new Set<number>();
    this.#memory = memory;
    let started = (): void => {};
    let refused = (_: unknown): void => {};
    this.ready = new Promise((resolve, reject) => {
      started = resolve;
      refused = reject;
    });
    this.ready.catch(() => {}); // whoever runs something next hears of it
    this.#threads = Array.from({ length: count }, (_, index) => {
      starting.add(index);
      return startThread({
        reply: (reply) => {
          if (reply.kind === "done") this.#done(reply.run, reply.error);
          else if (starting.delete(index) && starting.size === 0) started();
        },
        failed: (error) => {
          this.#fail(error);
          refused(this.#broken);
        },
      });
    });
    for (const thread of this.#threads) thread.post({ kind: "memory", memory });
  }

  load(module: number, code: WasmModule): void {
    for (const thread of this.#threads) thread.post({ kind: "load", module, code });
  }

  drop(module: number): void {
    for (const thread of this.#threads) thread.post({ kind: "drop", module });
  }

  /** Runs a job on all threads; `scratch` is the first thread's, the others follow at `scratchStride`. `landed` is told of the end, and of the first trap. */
  run(job: Job, scratchStride: number, landed: Landed): Underway {
    if (this.#broken !== undefined) {
      landed(this.#broken);
      return { ended: Promise.resolve(), wait() {} };
    }
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const running: Running = { run: ++this.#runs, job, missing: this.#threads.length, errors: [], landed, end };
    this.#running = running;
    this.#threads.forEach((thread, index) => {
      if (this.#owed === 0) thread.hold();
      thread.post({
        kind: "run",
        run: running.run,
        ...job,
        thread: index,
        scratch: job.scratch + index * scratchStride,
      });
    });
    this.#owed += this.#threads.length;
    return { ended, wait: () => this.#wait(running) };
  }

  async close(): Promise<void> {
    this.#fail(new Error("the device was closed"));
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  #done(run: number, error: string | undefined): void {
    if (--this.#owed === 0) for (const thread of this.#threads) thread.release();
    const running = this.#running;
    if (running?.run !== run) return; // it was waited for
    if (error !== undefined) running.errors.push(error);
    if (--running.missing > 0) return;
    // When one thread traps, the others are stopped at the barrier by "unreachable": its own error is the telling one.
    const [first] = [...running.errors].sort(
      (a, b) => Number(a.includes("at barrier")) - Number(b.includes("at barrier")),
    );
    this.#end(running, first === undefined ? undefined : new Error(first));
  }

  /** Waits for the end of a run without the event loop, which its answers come through. */
  #wait(running: Running): void {
    if (this.#running !== running) return;
    const words = new Int32Array(this.#memory.buffer);
    const ended = (running.job.control + control.ended) / 4;
    for (let count = Atomics.load(words, ended); count < this.#threads.length; count = Atomics.load(words, ended)) {
      try {
        Atomics.wait(words, ended, count);
      } catch {
        // The main thread of a page may not sleep: it looks again and again.
      }
    }
    const failed = Atomics.load(words, (running.job.control + control.failed) / 4) !== 0;
    this.#end(running, failed ? new Error("a thread stopped (read with await to hear why)") : undefined);
  }

  #end({ landed, end }: Running, error: Error | undefined): void {
    this.#running = undefined;
    landed(error);
    end();
  }

  #fail(error: unknown): void {
    this.#broken ??= error instanceof Error ? error : new Error(String(error));
    if (this.#running !== undefined) this.#end(this.#running, this.#broken);
  }
}

type Landed = (error: Error | undefined) => void;

/** A run that is not known to have ended. */
interface Running {
  readonly run: number;
  readonly job: Job;
  missing: number;
  readonly errors: string[];
  readonly landed: Landed;
  readonly end: () => void;
}

interface NodeWorker {
  postMessage(message: Message): void;
  on(event: "message", listener: (reply: Reply) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

interface NodeThreads {
  readonly Worker: new (source: string, options: { eval: true; name: string; execArgv: string[] }) => NodeWorker;
}

interface WebWorker {
  postMessage(message: Message): void;
  onmessage: ((event: { readonly data: Reply }) => void) | null;
  onerror: ((event: { readonly message?: string }) => void) | null;
  terminate(): void;
}

interface WebGlobals {
  readonly Worker?: new (url: string, options: { name: string }) => WebWorker;
  readonly Blob?: new (parts: string[], options: { type: string }) => object;
  readonly URL?: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
}

// The globals of a page or worker, each of which may be missing.
const web = globalThis as unknown as WebGlobals;

/** True where threads can be started. */
export const threadsExist = (): boolean =>
  builtin<NodeThreads>("node:worker_threads") !== undefined || (web.Worker !== undefined && web.Blob !== undefined);

function startThread(listeners: Listeners): Thread {
  const node = builtin<NodeThreads>("node:worker_threads");
  return node === undefined ? startWebThread(listeners) : startNodeThread(node, listeners);
}

function startNodeThread(node: NodeThreads, { reply, failed }: Listeners): Thread {
  // No loaders or other flags of the main program: the worker is plain JavaScript.
  const worker = new node.Worker(workerSource, { eval: true, name: "chainrule", execArgv: [] });
  worker.on("message", reply);
  worker.on("error", failed);
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    hold: () => worker.ref(),
    release: () => worker.unref(),
    end: async () => void (await worker.terminate()),
  };
}

function startWebThread({ reply, failed }: Listeners): Thread {
  const { Worker, Blob, URL } = web;
  if (Worker === undefined || Blob === undefined || URL === undefined)
    throw new DeviceError("wasm: threads cannot be started here");
  const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
  const worker = new Worker(url, { name: "chainrule" });
  worker.onmessage = ({ data }) => {
    URL.revokeObjectURL(url);
    reply(data);
  };
  worker.onerror = ({ message }) => failed(new Error(message ?? "a worker could not be started"));
  return {
    post: (message) => worker.postMessage(message),
    hold: () => {},
    release: () => {},
    end: async () => worker.terminate(),
  };
}
