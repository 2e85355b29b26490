import type { RunListing } from "chainrule/record";
import { nobodyTrains, type RunSource, type TailRequest, unreadListing } from "./source.ts";

/** How a training in the browser is steered: by messages to its worker. */
export type Steering = Pick<RunSource, "send" | "predict" | "request">;

/** Runs whose bytes are handed over as they are made: by a worker that trains in the browser, or by a page that holds a log. */
export class MemorySource implements RunSource {
  readonly live: boolean;
  /** Whether somebody trains the runs. */
  steerable: boolean;
  readonly #pieces = new Map<string, Uint8Array[]>();
  readonly #listeners = new Set<(run: string, bytes: Uint8Array) => void>();
  readonly send: Steering["send"];
  readonly predict: Steering["predict"];
  readonly request: Steering["request"];

  /** Without `steering`, the runs are copies that nobody trains. */
  constructor(steering?: Steering) {
    this.live = steering !== undefined;
    this.steerable = this.live;
    const { send, predict, request } = steering ?? nobodyTrains("this run is a copy: nobody is training it");
    [this.send, this.predict, this.request] = [send, predict, request];
  }

  /** Adds bytes at the end of a run's log. */
  add(run: string, bytes: Uint8Array): void {
    const pieces = this.#pieces.get(run) ?? [];
    this.#pieces.set(run, pieces);
    pieces.push(bytes);
    for (const listener of this.#listeners) listener(run, bytes);
  }

  async list(): Promise<readonly RunListing[]> {
    return [...this.#pieces].map(([id, pieces]) => ({
      ...unreadListing(id, sizeOf(pieces), Date.now()),
      steerable: this.steerable,
    }));
  }

  async tail(
    requests: readonly TailRequest[],
    onBytes: (run: string, bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const wanted = new Set(requests.map(({ run }) => run));
    const listener = (run: string, bytes: Uint8Array): void => {
      if (wanted.has(run)) onBytes(run, bytes);
    };
    for (const { run, from } of requests) onBytes(run, await this.read(run, from));
    if (!this.live) return;
    this.#listeners.add(listener);
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    this.#listeners.delete(listener);
  }

  async read(run: string, offset = 0, length?: number): Promise<Uint8Array> {
    const pieces = this.#pieces.get(run) ?? [];
    const all = new Uint8Array(sizeOf(pieces));
    let at = 0;
    for (const piece of pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all.subarray(offset, length === undefined ? all.length : offset + length);
  }

  async blob(_run: string, sha256: string): Promise<Uint8Array> {
    throw new Error(`a run in memory has no blobs: ${sha256}`);
  }
}

const sizeOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((sum, { length }) => sum + length, 0);
