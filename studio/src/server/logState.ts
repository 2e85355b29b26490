import { closeSync, openSync, readSync } from "node:fs";
import {
  type Curves,
  diagnose,
  Facts,
  type Finding,
  LogReader,
  type PlacedEntry,
  type RunListing,
  wholeBytes,
} from "chainrule/record";
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

/** What is known of a log, kept up as it grows. */
export class LogState {
  readonly folder: RunFolder;
  readonly #reader = new LogReader();
  readonly #facts = new Facts();
  /** What the doctor said, and how far the log was then. */
  #findings: { readonly offset: number; readonly all: readonly Finding[] } = { offset: 0, all: [] };
  #phase: RunListing["state"] | undefined;
  #alerts = 0;
  #note: string | undefined;

  constructor(folder: RunFolder) {
    this.folder = folder;
  }

  /** Reads what is new. Gives others their turn between the pieces of a long log. */
  async update(): Promise<void> {
    for (;;) {
      const { bytes } = this.folder.bytes();
      const { offset, damage } = this.#reader;
      if (damage !== undefined || bytes <= offset) return;
      const part = readFrames(this.folder.log, offset, bytes);
      if (part.length === 0) return;
      for (const entry of this.#reader.push(part)) this.#take(entry);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  get curves(): Curves {
    return this.#facts.curves;
  }

  /** What the doctor says of the training. */
  findings(): readonly Finding[] {
    const { offset } = this.#reader;
    if (this.#findings.offset !== offset) this.#findings = { offset, all: diagnose(this.#facts) };
    return this.#findings.all;
  }

  #take(entry: PlacedEntry): void {
    this.#facts.take(entry);
    if (entry.kind !== "event") return;
    const event = entry.content;
    if (event.type === "phase") this.#phase = event.phase;
    else if (event.type === "alert") this.#alerts++;
    else if (event.type === "note") this.#note = event.text;
  }

  listing(): RunListing {
    const { bytes, modified } = this.folder.bytes();
    const alive = this.folder.isAlive();
    const over = this.#phase === "done" || this.#phase === "stopped" || this.#phase === "failed";
    const figures = this.curves.all.map(({ definition: { split, name }, values }): [string, number] => [
      split === "validation" ? `validation/${name}` : name,
      values.values.at(-1) ?? Number.NaN,
    ]);
    const { run, step, notFinite } = this.#facts;
    return {
      id: this.folder.id,
      state: this.#phase === undefined || (!over && !alive) ? "lost" : this.#phase,
      ...(run === undefined ? {} : { run }),
      bytes,
      modified,
      step,
      figures: Object.fromEntries(figures.filter(([, value]) => Number.isFinite(value))),
      alerts: this.#alerts + this.findings().length,
      ...(notFinite[0] === undefined ? {} : { notFiniteAt: notFinite[0].step }),
      ...(this.#note === undefined ? {} : { note: this.#note }),
      steerable: alive && !over,
    };
  }
}
