import type { NotFiniteEvent } from "../record/index.ts";
import type { Batch } from "../train/index.ts";
import { causeOf, type HostBatch, hostBatch } from "./explain.ts";
import type { NotFinitePolicy } from "./options.ts";
import type { Session } from "./session.ts";

/** A step that was not finite, and what it was given. */
interface Suspect {
  readonly step: number;
  readonly figure: string;
  readonly batch: HostBatch;
  explained: boolean;
}

/** Steps that are not finite: what is done about them, and what made the first of them so. */
export class Suspicion {
  readonly #session: Session;
  #first: Suspect | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** The first step that was not finite. */
  get step(): number | undefined {
    return this.#first?.step;
  }
  /** Whether its cause was not looked for yet. */
  get open(): boolean {
    return this.#first?.explained === false;
  }
  get #policy(): NotFinitePolicy {
    const { notFinite, mailbox } = this.#session.options;
    return notFinite ?? (mailbox === undefined ? "skip" : "pause");
  }

  /** A step was not finite: its batch is kept until its cause can be looked for, between two steps or at the end. */
  async found(step: number, loss: number | undefined, batch: Batch): Promise<void> {
    const figure = loss !== undefined && !Number.isFinite(loss) ? "loss" : "gradientNorm";
    this.#say(step, figure); // before anything is waited for: meanwhile steps go on
    if (this.#first === undefined) this.#first = { step, figure, batch: await hostBatch(batch), explained: false };
    this.#hold(step);
  }
  /** The same of a step of which no more is known: its cause cannot be looked for. */
  tell(step: number, figure: string): void {
    this.#say(step, figure);
    this.#hold(step);
  }
  #say(step: number, figure: string): void {
    const session = this.#session;
    session.recorder.event(this.#event(figure), step);
    if (this.#policy === "stop") session.stop();
  }
  #event(figure: string): NotFiniteEvent {
    const guarded = this.#session.options.guard === false ? { guarded: false as const } : {};
    return { type: "notFinite", time: Date.now(), figure, policy: this.#policy, ...guarded };
  }
  #hold(step: number): void {
    if (this.#policy === "pause") this.#session.pause(`step ${step} was not finite`);
  }

  /** Looks for the first operation that went wrong, and tells it. False where the step is finite when it is done again. */
  async explain(): Promise<boolean> {
    const { training, recorder } = this.#session;
    const suspect = this.#first;
    if (suspect === undefined) return false;
    suspect.explained = true;
    const cause = await causeOf(training, suspect.batch);
    if (cause === undefined) return false;
    const { step, figure } = suspect;
    recorder.event({ ...this.#event(figure), cause }, step);
    recorder.flush();
    return true;
  }
}
