import { closeSync, openSync, readSync } from "node:fs";
import {
  type Curves,
  diagnose,
  Facts,
  type Finding,
  type PlacedEntry,
  type RunDescription,
  type RunListing,
  wholeBytes,
} from "chainrule/record";
import { FrameWalk } from "./frameWalk.ts";
import type { RunFolder } from "./runFolder.ts";

const pieceBytes = 2 ** 20;

/** Bytes of a file from `from` on, at most `most`. */
export function readPart(path: string, from: number, most = pieceBytes): Uint8Array {
  const file = openSync(path, "r");
  try {
    const buffer = new Uint8Array(most);
    return buffer.subarray(0, readSync(file, buffer, 0, most, from));
  } finally {
    closeSync(file);
  }
}

/** The whole frames of a log from `from` on, which is the beginning of one; about a MiB of them, or one that is longer. */
export function readFrames(path: string, from: number, available: number): Uint8Array {
  for (let most = pieceBytes; ; most *= 4) {
    const bytes = readPart(path, from, Math.min(most, Math.max(0, available - from)));
    const whole = wholeBytes(bytes, from);
    if (whole > 0 || from + most >= available) return bytes.subarray(0, whole);
  }
}

/** Logs up to this length are diagnosed for the list of runs. */
const shortLog = 2 * 2 ** 20;

/** All curves of a log, and what the doctor looks at. */
interface Opened {
  readonly walk: FrameWalk;
  readonly facts: Facts;
}

/**
 * What is known of a log, kept up as it grows: little for the list of runs; its curves only while somebody looks at them, since they
 * take as much memory as their values.
 */
export class LogState {
  readonly folder: RunFolder;
  readonly #walk: FrameWalk;
  #opened: Opened | undefined;
  /** What the doctor said, and how far the log was then. */
  #findings: { readonly offset: number; readonly all: readonly Finding[] } = { offset: 0, all: [] };
  #run: RunDescription | undefined;
  #step = 0;
  #phase: RunListing["state"] | undefined;
  #alerts = 0;
  #notFiniteAt: number | undefined;
  #note: string | undefined;
  readonly #series = new Map<number, string>();
  readonly #last = new Map<number, number>();

  constructor(folder: RunFolder) {
    this.folder = folder;
    this.#walk = new FrameWalk(folder.log, (kind) => kind === "event" || kind === "define" || kind === "scalars");
  }

  /** Reads what is new, as far as the list of runs needs it. */
  async update(): Promise<void> {
    await this.#walk.update(this.folder.bytes().bytes, (entry) => this.#take(entry));
  }

  /** Counts what the doctor finds, where the log is short. */
  async diagnose(): Promise<void> {
    if (this.folder.bytes().bytes > shortLog || this.#findings.offset === this.#walk.offset) return;
    const known = this.#opened;
    await this.findings();
    if (known === undefined) this.close();
  }

  /** What the doctor says of the training. */
  async findings(): Promise<readonly Finding[]> {
    const { walk, facts } = await this.#open();
    if (this.#findings.offset !== walk.offset) this.#findings = { offset: walk.offset, all: diagnose(facts) };
    return this.#findings.all;
  }

  async curves(): Promise<Curves> {
    return (await this.#open()).facts.curves;
  }

  /** Reads what is new of everything but pictures. */
  async #open(): Promise<Opened> {
    this.#opened ??= {
      walk: new FrameWalk(this.folder.log, (kind) => kind !== "slice" && kind !== "histogram" && kind !== "spans"),
      facts: new Facts(),
    };
    const opened = this.#opened;
    await opened.walk.update(this.folder.bytes().bytes, (entry) => opened.facts.take(entry));
    return opened;
  }

  /** Forgets what is large. */
  close(): void {
    this.#opened = undefined;
  }

  #take({ kind, content, step }: PlacedEntry): void {
    this.#step = step;
    if (kind === "define" && content.define === "series")
      this.#series.set(content.id, content.split === "validation" ? `validation/${content.name}` : content.name);
    if (kind === "scalars") {
      const { series, steps, values } = content;
      series.forEach((id, row) => {
        this.#last.set(id, values[(row + 1) * steps.length - 1] ?? Number.NaN);
      });
    }
    if (kind !== "event") return;
    if (content.type === "run") this.#run = content.run;
    else if (content.type === "phase") this.#phase = content.phase;
    else if (content.type === "alert") this.#alerts++;
    else if (content.type === "note") this.#note = content.text;
    else if (content.type === "notFinite") this.#notFiniteAt ??= step;
  }

  listing(): RunListing {
    const { bytes, modified } = this.folder.bytes();
    const alive = this.folder.isAlive();
    const over = this.#phase === "done" || this.#phase === "stopped" || this.#phase === "failed";
    const figures = [...this.#series].map(([id, name]): [string, number] => [name, this.#last.get(id) ?? Number.NaN]);
    return {
      id: this.folder.id,
      state: this.#phase === undefined || (!over && !alive) ? "lost" : this.#phase,
      ...(this.#run === undefined ? {} : { run: this.#run }),
      bytes,
      modified,
      step: this.#step,
      figures: Object.fromEntries(figures.filter(([, value]) => Number.isFinite(value))),
      alerts: this.#alerts + this.#findings.all.length,
      ...(this.#notFiniteAt === undefined ? {} : { notFiniteAt: this.#notFiniteAt }),
      ...(this.#note === undefined ? {} : { note: this.#note }),
      steerable: alive && !over,
    };
  }
}

/** Runs that the doctor looks at for the list: the newest. */
const mostDiagnosed = 100;
/** Logs that are gone through at once. */
const atOnce = 16;

/** The list of runs, newest first. Others have their turn while it is made. */
export async function listingsOf(states: readonly LogState[]): Promise<RunListing[]> {
  const newest = states
    .map((state) => ({ state, modified: state.folder.bytes().modified }))
    .sort((a, b) => b.modified - a.modified)
    .map(({ state }) => state);
  for (let at = 0; at < newest.length; at += atOnce) {
    const some = newest.slice(at, at + atOnce);
    await Promise.all(some.map((state) => state.update()));
    if (at < mostDiagnosed) for (const state of some) await state.diagnose();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return newest.map((state) => state.listing());
}
