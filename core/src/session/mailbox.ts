import type { Acknowledgement, OnDemandRequest, Order, PredictAnswer, PredictRequest } from "../record/index.ts";

/** What comes to a training from outside. `id` is unique. */
export type Letter =
  | { readonly type: "order"; readonly order: Order }
  | { readonly type: "predict"; readonly id: string; readonly request: PredictRequest }
  | { readonly type: "request"; readonly id: string; readonly request: OnDemandRequest };

/** What a training says to that. `log` is a log of its own: header and frames. */
export type Reply =
  | { readonly type: "acknowledgement"; readonly acknowledgement: Acknowledgement }
  | { readonly type: "prediction"; readonly id: string; readonly answer: PredictAnswer }
  | { readonly type: "answer"; readonly id: string; readonly log: Uint8Array }
  | { readonly type: "refusal"; readonly id: string; readonly reason: string };

/** Where a training finds what it is asked. */
export interface Mailbox {
  /** What has come since the last time; looked at between all steps, so it must cost nothing when there is nothing. */
  take(): readonly Letter[];
  /** Resolves when something has come, for a training that is paused. */
  arrival(): Promise<void>;
  reply(reply: Reply): void;
  close?(): void;
}

/** Letters that have come, in order, for a mailbox that is told of each. */
export class LetterQueue {
  #letters: Letter[] = [];
  #arrived: (() => void) | undefined;

  add(letter: Letter): void {
    this.#letters.push(letter);
    this.#arrived?.();
    this.#arrived = undefined;
  }
  take(): readonly Letter[] {
    if (this.#letters.length === 0) return none;
    const letters = this.#letters;
    this.#letters = [];
    return letters;
  }
  arrival(): Promise<void> {
    if (this.#letters.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }
}

/** A mailbox in the same thread: for programs that steer their own training, and for tests. */
export class LocalMailbox extends LetterQueue implements Mailbox {
  readonly #waiting = new Map<string, (reply: Reply) => void>();

  reply(reply: Reply): void {
    const id = reply.type === "acknowledgement" ? reply.acknowledgement.id : reply.id;
    this.#waiting.get(id)?.(reply);
    this.#waiting.delete(id);
  }

  /** Sends a letter, and resolves with what is said to it. */
  send(letter: Letter): Promise<Reply> {
    const id = letter.type === "order" ? letter.order.id : letter.id;
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    this.add(letter);
    return reply;
  }
}

const none: readonly Letter[] = [];
