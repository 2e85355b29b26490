import { builtin } from "../../base/host.ts";

/** A thread that runs a program of ours, the same in Node and in browsers. */
export interface Thread {
  post(message: unknown): void;
  /** While held, the thread keeps a Node process from ending. */
  hold(): void;
  release(): void;
  end(): Promise<void>;
}

interface Listeners {
  readonly reply: (message: never) => void;
  readonly failed: (error: unknown) => void;
}

interface NodeThreads {
  readonly Worker: new (
    source: string,
    options: { readonly eval: true; readonly name: string },
  ) => {
    on(event: "message" | "error", listener: (value: never) => void): void;
    postMessage(message: unknown): void;
    ref(): void;
    unref(): void;
    terminate(): Promise<unknown>;
  };
}

interface Web {
  readonly Worker?: new (
    url: string,
    options: { readonly name: string },
  ) => {
    onmessage: ((event: { readonly data: never }) => void) | null;
    onerror: ((event: { readonly message?: string }) => void) | null;
    postMessage(message: unknown): void;
    terminate(): void;
  };
  readonly Blob?: new (parts: readonly string[], options: { readonly type: string }) => unknown;
  readonly URL?: { createObjectURL(blob: unknown): string; revokeObjectURL(url: string): void };
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

const web = globalThis as unknown as Web; // what pages have of it

/** How many threads can work at the same time here. */
export const processors = (): number =>
  builtin<{ availableParallelism(): number }>("node:os")?.availableParallelism() ??
  web.navigator?.hardwareConcurrency ??
  1;

/** Starts a thread on `program`; undefined where there are none. */
export function startThread(program: string, { reply, failed }: Listeners): Thread | undefined {
  const node = builtin<NodeThreads>("node:worker_threads");
  const name = "chainrule-data";
  if (node !== undefined) {
    const worker = new node.Worker(program, { eval: true, name });
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
  const { Worker, Blob, URL } = web;
  if (Worker === undefined || Blob === undefined || URL === undefined) return undefined;
  const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  const worker = new Worker(url, { name });
  worker.onmessage = ({ data }) => reply(data);
  worker.onerror = ({ message }) => failed(new Error(message ?? "a worker could not be started"));
  return {
    post: (message) => worker.postMessage(message),
    hold: () => {},
    release: () => {},
    end: async () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
