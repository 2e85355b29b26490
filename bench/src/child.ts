import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** How a system's worker is started. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What a worker writes on its standard output, one JSON object a line: first `imported`, then an answer a request. */
interface Answer {
  readonly imported?: true;
  readonly error?: string;
  /** The system cannot do this case, for a known reason: it is left out without ado. */
  readonly unsupported?: string;
  /** Several forms of the case were tried, and one was kept: peak memory counts from now on. */
  readonly tried?: true;
  readonly device?: string;
  readonly threads?: number;
  readonly seconds?: number;
}

type Request =
  | { readonly prepare: string; readonly threads: number; readonly quick: boolean }
  | { readonly run: string; readonly calls: number }
  | { readonly drop: string };

/** A case that a system does not have. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}

const minutesPerAnswer = 10;

/** A worker process: told over stdin what to do, it answers on stdout, and stays alive between repetitions. */
export class Child {
  readonly #process: ChildProcess;
  /** Resident bytes after the import; undefined where the system does not tell. */
  #imported: number | undefined;
  #waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | undefined;
  #words = "";
  #ended: Error | undefined;

  private constructor({ program, args, env }: Command) {
    this.#process = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.#process.stderr!.on("data", (data: Buffer) => {
      this.#words = (this.#words + data.toString()).slice(-4000);
    });
    this.#process.stdin!.on("error", () => {}); // the process's end is told below
    createInterface({ input: this.#process.stdout! }).on("line", (line) => this.#heard(line));
    this.#process.on("error", (error) => this.#end(error));
    this.#process.on("close", (code, signal) =>
      this.#end(new Error(`the worker ended (${signal ?? `exit code ${code}`})${this.#lastWords()}`)),
    );
  }

  /** A worker that has imported its system. */
  static async start(command: Command): Promise<Child> {
    const child = new Child(command);
    await child.#answer();
    child.#imported = child.#memory("VmRSS");
    child.#forgetPeak();
    return child;
  }

  /** Builds a case and warms it up; tells what it runs on and how long a repetition takes. */
  async prepare(
    name: string,
    options: { readonly threads: number; readonly quick: boolean },
  ): Promise<{ readonly device: string; readonly threads: number; readonly seconds: number }> {
    const answer = await this.#ask({ prepare: name, ...options });
    if (answer.tried) this.#forgetPeak();
    const { device = "cpu", threads = options.threads, seconds = 1 } = answer;
    return { device, threads, seconds };
  }

  /** Seconds of one repetition, on average over `calls` of them. */
  async run(name: string, calls: number): Promise<number> {
    const { seconds } = await this.#ask({ run: name, calls });
    if (seconds === undefined || !(seconds > 0)) throw new Error(`${name}: the worker did not tell the time`);
    return seconds;
  }

  /** Lets go of what `prepare` built. */
  async drop(name: string): Promise<void> {
    await this.#ask({ drop: name });
  }

  /** The most resident memory so far, above that after the import. */
  peakBytes(): number | null {
    const peak = this.#memory("VmHWM");
    return peak === undefined || this.#imported === undefined ? null : Math.max(0, peak - this.#imported);
  }

  /** Stops all threads of the worker where they are, until `goOn`; systems without such signals leave it running. */
  stop(): void {
    if (process.platform !== "win32") this.#process.kill("SIGSTOP");
  }

  goOn(): void {
    if (process.platform !== "win32") this.#process.kill("SIGCONT");
  }

  close(): void {
    this.goOn(); // only then does it see the end of its input
    this.#process.stdin!.end();
    // One that hangs, or has threads that go on, is not waited for.
    setTimeout(() => this.#process.kill("SIGKILL"), 2000).unref();
  }

  #ask(request: Request): Promise<Answer> {
    const answer = this.#answer();
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    return answer;
  }

  #answer(): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      const timer = setTimeout(() => {
        this.#process.kill("SIGKILL");
        reject(new Error(`no answer within ${minutesPerAnswer} minutes`));
      }, minutesPerAnswer * 60_000);
      this.#waiting = {
        resolve: (answer) => {
          clearTimeout(timer);
          if (answer.unsupported !== undefined) reject(new Unsupported(answer.unsupported));
          else if (answer.error !== undefined) reject(new Error(answer.error));
          else resolve(answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
    });
  }

  #heard(line: string): void {
    const waiting = this.#waiting;
    if (waiting === undefined || !line.startsWith("{")) return; // libraries print, too
    this.#waiting = undefined;
    try {
      waiting.resolve(JSON.parse(line) as Answer); // the protocol of our own workers
    } catch {
      waiting.reject(new Error(`the worker wrote ${line.slice(0, 200)}`));
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#waiting?.reject(this.#ended);
    this.#waiting = undefined;
  }

  #lastWords(): string {
    const lines = this.#words
      .trim()
      .split("\n")
      .filter((line) => line.trim() !== "" && !/^Node\.js v/.test(line));
    const telling = lines.filter((line) => /error/i.test(line)).at(-1) ?? lines.at(-1);
    return telling === undefined ? "" : `: ${telling.trim()}`;
  }

  /** A figure of the process's memory, as Linux tells it. */
  #memory(field: "VmRSS" | "VmHWM"): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.#process.pid}/status`, "utf8");
      const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
      return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
    } catch {
      return undefined;
    }
  }

  /** Peaks count from now on: what the import needed for a while is no part of them. */
  #forgetPeak(): void {
    try {
      writeFileSync(`/proc/${this.#process.pid}/clear_refs`, "5"); // proc(5): resets the peak resident set size
    } catch {
      // Then the peak is that since the start: never too small.
    }
  }
}
