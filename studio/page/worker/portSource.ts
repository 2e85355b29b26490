import type { Command, ControlAnswer, OnDemandRequest, PredictAnswer, PredictRequest } from "chainrule/record";
import { MemorySource } from "./memorySource.ts";

/** What a training in a worker tells, as `@chainrule/studio/browser` sends it. */
type FromTraining =
  | { readonly type: "bytes"; readonly run: string; readonly bytes: Uint8Array }
  | { readonly type: "closed" }
  | {
      readonly type: "acknowledgement";
      readonly acknowledgement: ControlAnswer["acknowledgement"] & { readonly id: string };
    }
  | { readonly type: "prediction"; readonly id: string; readonly answer: PredictAnswer }
  | { readonly type: "answer"; readonly id: string; readonly log: Uint8Array }
  | { readonly type: "refusal"; readonly id: string; readonly reason: string };

interface Waiting {
  resolve(value: FromTraining): void;
  reject(error: Error): void;
}

/** A training in a worker of this browser: its log comes through a port as it is made, and commands go back. */
export class PortSource extends MemorySource {
  readonly #port: MessagePort;
  readonly #waiting = new Map<string, Waiting>();
  readonly #onRun: () => void;
  #letters = 0;
  readonly #known = new Set<string>();

  /** `onRun` is told of each run that begins, and when nobody answers any more. */
  constructor(port: MessagePort, onRun: () => void) {
    super({
      send: (_, command) => this.#order(command),
      predict: async (_, request) => this.#predict(request),
      request: async (_, request) => this.#ask(request),
    });
    this.#port = port;
    this.#onRun = onRun;
    port.onmessage = ({ data }: MessageEvent<FromTraining>) => this.#take(data);
  }

  #take(message: FromTraining): void {
    switch (message.type) {
      case "bytes":
        this.add(message.run, message.bytes);
        if (!this.#known.has(message.run)) this.#onRun();
        this.#known.add(message.run);
        break;
      case "closed":
        this.steerable = false;
        for (const { reject } of this.#waiting.values()) reject(new Error("the training is over"));
        this.#waiting.clear();
        this.#onRun();
        break;
      case "acknowledgement":
        this.#settle(message.acknowledgement.id, message);
        break;
      default:
        this.#settle(message.id, message);
    }
  }
  #settle(id: string, message: FromTraining): void {
    this.#waiting.get(id)?.resolve(message);
    this.#waiting.delete(id);
  }

  async #order(command: Command): Promise<ControlAnswer> {
    const id = this.#newId();
    const order = { id, from: "page", time: Date.now(), command };
    const reply = await this.#sent(id, { type: "order", order });
    return reply.type === "acknowledgement" ? { id, acknowledgement: reply.acknowledgement } : { id };
  }
  async #predict(request: PredictRequest): Promise<PredictAnswer> {
    const id = this.#newId();
    const reply = await this.#sent(id, { type: "predict", id, request });
    if (reply.type !== "prediction") throw new Error(reasonOf(reply));
    return reply.answer;
  }
  async #ask(request: OnDemandRequest): Promise<Uint8Array> {
    const id = this.#newId();
    const reply = await this.#sent(id, { type: "request", id, request });
    if (reply.type !== "answer") throw new Error(reasonOf(reply));
    return reply.log;
  }

  #sent(id: string, letter: unknown): Promise<FromTraining> {
    if (!this.steerable) return Promise.reject(new Error("the training is over"));
    const reply = new Promise<FromTraining>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#port.postMessage(letter);
    return reply;
  }
  #newId(): string {
    return `page-${++this.#letters}`;
  }
}

const reasonOf = (reply: FromTraining): string =>
  reply.type === "refusal" ? reply.reason : "the training gave another answer than was asked for";
