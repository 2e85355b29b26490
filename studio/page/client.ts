import { newWorker } from "./files.ts";
import type { AskName, Asks } from "./worker/asks.ts";
import type { FromWorker, ToWorker } from "./worker/protocol.ts";

type Push = Exclude<FromWorker, { kind: "answer" }>;

/** The page's end of the worker that reads runs. */
export class Client {
  readonly #worker = newWorker("run.js");
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #last = 0;

  constructor(onPush: (message: Push) => void, onError: (words: string) => void) {
    this.#worker.onerror = ({ message }) => onError(message ?? "its script could not be loaded");
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind !== "answer") return onPush(data);
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.error === undefined) waiting?.resolve(data.value);
      else waiting?.reject(new Error(data.error));
    };
  }

  ask<N extends AskName>(name: N, params: Asks[N][0]): Promise<Asks[N][1]> {
    const id = ++this.#last;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.post({ kind: "ask", id, name, params });
    return answer as Promise<Asks[N][1]>; // the worker's table has the same types
  }

  post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
