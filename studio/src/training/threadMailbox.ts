import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Letter, Mailbox, Reply } from "chainrule/session";

const pollMs = 10;

/** What the server's thread needs to send letters. */
export interface Address {
  readonly port: MessagePort;
  /** One number: 1 when a letter is on its way. */
  readonly flag: SharedArrayBuffer;
}

/**
 * Letters from a thread. Between two steps it costs one look at shared memory; letters are taken from the port at once, without
 * the event loop, so that a training which never waits is steered too.
 */
export class ThreadMailbox implements Mailbox {
  readonly #port: MessagePort;
  readonly #flag = new Int32Array(new SharedArrayBuffer(4));
  readonly address: Address;
  #arrival: Promise<void> | undefined;
  #closed = false;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.unref();
    this.address = { port: port2, flag: this.#flag.buffer };
  }

  take(): readonly Letter[] {
    if (Atomics.load(this.#flag, 0) === 0) return none;
    Atomics.store(this.#flag, 0, 0);
    const letters: Letter[] = [];
    for (let found = receiveMessageOnPort(this.#port); found !== undefined; found = receiveMessageOnPort(this.#port))
      letters.push(found.message as Letter); // the server's thread is ours
    return letters;
  }

  /** One wait for all who ask: a letter may be taken before a second one has looked, which would then wait for ever. */
  arrival(): Promise<void> {
    this.#arrival ??= this.#wait().finally(() => {
      this.#arrival = undefined;
    });
    return this.#arrival;
  }

  async #wait(): Promise<void> {
    while (!this.#closed && Atomics.load(this.#flag, 0) === 0)
      await new Promise((resolve) => setTimeout(resolve, pollMs));
  }

  reply(reply: Reply): void {
    this.#port.postMessage(reply);
  }

  close(): void {
    this.#closed = true;
    this.#port.close();
  }
}

const none: readonly Letter[] = [];

/** Looks into several mailboxes, and answers where a letter came from. */
export function mailboxes(all: readonly Mailbox[]): Mailbox {
  if (all.length === 1) return all[0]!;
  const from = new Map<string, Mailbox>();
  return {
    take: () => {
      let found: Letter[] | undefined;
      for (const box of all) {
        for (const letter of box.take()) {
          from.set(letter.type === "order" ? letter.order.id : letter.id, box);
          found ??= [];
          found.push(letter);
        }
      }
      return found ?? none;
    },
    arrival: () => Promise.race(all.map((box) => box.arrival())),
    reply: (reply) => {
      const id = reply.type === "acknowledgement" ? reply.acknowledgement.id : reply.id;
      from.get(id)?.reply(reply);
      from.delete(id);
    },
    close: () => {
      for (const box of all) box.close?.();
    },
  };
}
