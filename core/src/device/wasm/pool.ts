import { DeviceError } from "../../base/errors.ts";
import { builtin } from "../../base/host.ts";
import type { WasmMemory, WasmModule } from "../../render/wasm/engine.ts";
import { workerSource } from "./workerSource.ts";

/** What the host says to a worker. */
type Message =
  | { readonly kind: "memory"; readonly memory: WasmMemory }
  | { readonly kind: "load"; readonly module: number; readonly code: WasmModule }
  | { readonly kind: "drop"; readonly module: number }
  | ({ readonly kind: "run"; readonly thread: number } & Job);

/** What a worker says to the host. */
type Reply = { readonly kind: "ready" } | { readonly kind: "done"; readonly error: string | undefined };

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
  #answer: (() => void) | undefined;
  #refuse: ((error: Error) => void) | undefined;
  #missing = 0;
  #errors: string[] = [];
  #broken: Error | undefined;

  constructor(count: number, memory: WasmMemory) {
    const starting = new Set<number>();
    let started = (): void => {};
    this.ready = new Promise((resolve, reject) => {
      started = resolve;
      this.#refuse = reject;
    });
    this.ready.catch(() => {}); // whoever runs something next hears of it
    this.#threads = Array.from({ length: count }, (_, index) => {
      starting.add(index);
      return startThread({
        reply: (reply) => {
          if (reply.kind === "done") this.#done(reply.error);
          else if (starting.delete(index) && starting.size === 0) started();
        },
        failed: (error) => this.#fail(error),
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

  /** Runs a job on all threads; `scratch` is the first thread's, the others follow at `scratchStride`. Rejects with the first trap. */
  run(job: Job, scratchStride: number): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#refuse = reject;
      this.#missing = this.#threads.length;
      this.#errors = [];
      this.#threads.forEach((thread, index) => {
        thread.hold();
        thread.post({ kind: "run", ...job, thread: index, scratch: job.scratch + index * scratchStride });
      });
    });
  }

  async close(): Promise<void> {
    this.#fail(new Error("the device was closed"));
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  #done(error: string | undefined): void {
    if (error !== undefined) this.#errors.push(error);
    if (--this.#missing > 0) return;
    for (const thread of this.#threads) thread.release();
    // When one thread traps, the others are stopped at the barrier by "unreachable": its own error is the telling one.
    const [first] = [...this.#errors].sort(
      (a, b) => Number(a.includes("at barrier")) - Number(b.includes("at barrier")),
    );
    if (first === undefined) this.#answer?.();
    else this.#refuse?.(new Error(first));
  }

  #fail(error: unknown): void {
    this.#broken ??= error instanceof Error ? error : new Error(String(error));
    this.#refuse?.(this.#broken);
  }
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
