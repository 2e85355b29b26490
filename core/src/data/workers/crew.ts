import { type Answer, program, type Setup, type Task } from "./program.ts";
import { startThread, type Thread } from "./thread.ts";
import { unpacked } from "./transfer.ts";

/** Threads that nobody needs end after this time: the next pass may begin at once. */
const idleMs = 2000;

/** An error that a function threw in another thread. */
export class ThreadError extends Error {
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

interface Member {
  readonly thread: Thread;
  /** Tasks that it has not answered. */
  readonly open: Map<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }>;
}

interface Timers {
  setTimeout(callback: () => void, ms: number): { unref?(): void } | number;
  clearTimeout(timer: unknown): void;
}
const timers = globalThis as unknown as Timers; // Node and browsers have them

/** Threads that call the same function. They start with the first task, and end when nobody has needed them for a while. */
export class Crew {
  readonly #setup: Setup;
  readonly #size: number;
  #members: Member[] | undefined;
  #tasks = 0;
  #users = 0;
  #ending: unknown;

  constructor(setup: Setup, size: number) {
    this.#setup = setup;
    this.#size = size;
  }

  /** Somebody needs the threads. */
  enter(): void {
    this.#users++;
    timers.clearTimeout(this.#ending);
  }

  /** They are not needed any more. */
  leave(): void {
    if (--this.#users > 0) return;
    const timer = timers.setTimeout(() => this.#end(), idleMs);
    if (typeof timer === "object") timer.unref?.();
    this.#ending = timer;
  }

  /** The function's result for an element, from the thread with the fewest tasks. Undefined where there are no threads. */
  run(task: Omit<Task, "kind" | "task">): Promise<unknown> | undefined {
    this.#members ??= this.#start();
    const [first] = this.#members;
    if (first === undefined) return undefined;
    const member = this.#members.reduce((least, each) => (each.open.size < least.open.size ? each : least), first);
    const number = this.#tasks++;
    return new Promise((resolve, reject) => {
      if (member.open.size === 0) member.thread.hold();
      member.open.set(number, { resolve, reject });
      member.thread.post({ ...task, kind: "task", task: number } satisfies Task);
    });
  }

  #start(): Member[] {
    const members: Member[] = [];
    for (let index = 0; index < this.#size; index++) {
      const open: Member["open"] = new Map();
      const failed = (error: unknown): void => {
        for (const { reject } of open.values()) reject(error);
        open.clear();
      };
      const thread = startThread(program, { failed, reply: (answer: Answer) => this.#answered(member, answer) });
      if (thread === undefined) return [];
      const member: Member = { thread, open };
      thread.post(this.#setup);
      members.push(member);
    }
    return members;
  }

  #answered({ open, thread }: Member, answer: Answer): void {
    const task = open.get(answer.task);
    if (task === undefined) return; // the setup: tasks tell of its errors, too
    open.delete(answer.task);
    if (open.size === 0) thread.release();
    if ("error" in answer) task.reject(new ThreadError(answer.error.name, answer.error.message));
    else task.resolve(unpacked(answer.value));
  }

  #end(): void {
    for (const { thread } of this.#members ?? []) void thread.end();
    this.#members = undefined;
  }
}
