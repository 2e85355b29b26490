import { closeSync, openSync, readSync } from "node:fs";
import {
  diagnose,
  Facts,
  type Finding,
  type Grid,
  type GridCurve,
  type PlacedEntry,
  type RunDescription,
  type RunListing,
  wholeBytes,
} from "chainrule/record";
import { CurveIndex } from "./curveIndex.ts";
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

/** What the doctor looks at is kept while it takes no more memory than this, about, however long its log. */
const mostFactsBytes = 16 * 2 ** 20;
/** A step, its time, its value and a part of the summaries of some. */
const bytesPerValue = 24;
/** What is larger is read again, and so seldom that this takes no more than a part of the time. */
const rereadPart = 0.1;

const factsBytes = ({ curves }: Facts): number =>
  curves.all.reduce((sum, { values }) => sum + bytesPerValue * values.length, 0);

interface Opened<T> {
  readonly walk: FrameWalk;
  readonly content: T;
}

/**
 * What is known of a log, kept up as it grows: little for the list of runs; an index of its curves, and what the doctor looks at,
 * while somebody looks.
 */
export class LogState {
  readonly folder: RunFolder;
  readonly #walk: FrameWalk;
  #index: Opened<CurveIndex> | undefined;
  #facts: Opened<Facts> | undefined;
  /** What the doctor said, how far the log was then, and when it may be asked again. */
  #findings: { readonly offset: number; readonly all: readonly Finding[]; readonly again: number } = {
    offset: 0,
    all: [],
    again: 0,
  };
  /** Questions about curves are answered one after the other: a walk has one reader. */
  #turn: Promise<unknown> = Promise.resolve();
  #run: RunDescription | undefined;
  #step = 0;
  #phase: RunListing["state"] | undefined;
  #alerts = 0;
  #notFiniteAt: number | undefined;
  #note: string | undefined;
  /** The last moment that the log tells, in milliseconds since 1970. */
  #told: number | undefined;
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
    const known = this.#facts;
    await this.findings();
    if (known === undefined) this.#facts = undefined;
  }

  /** What the doctor says of the training. */
  findings(): Promise<readonly Finding[]> {
    return this.#inTurn(async () => {
      const { bytes } = this.folder.bytes();
      const began = performance.now();
      if (this.#facts === undefined && began < this.#findings.again) return this.#findings.all;
      this.#facts ??= {
        walk: new FrameWalk(this.folder.log, (kind) => kind !== "slice" && kind !== "histogram" && kind !== "spans"),
        content: new Facts(),
      };
      const { walk, content: facts } = this.#facts;
      await walk.update(bytes, (entry) => facts.take(entry));
      if (this.#findings.offset !== walk.offset)
        this.#findings = { offset: walk.offset, all: diagnose(facts), again: Number.NEGATIVE_INFINITY };
      if (factsBytes(facts) > mostFactsBytes) {
        const now = performance.now();
        this.#facts = undefined;
        this.#findings = { ...this.#findings, again: now + (now - began) / rereadPart };
      }
      return this.#findings.all;
    });
  }

  /** Curves on a grid; undefined for a series that the log does not have. */
  onGrid(ids: readonly number[], grid: Grid, axis: "step" | "time"): Promise<readonly (GridCurve | undefined)[]> {
    return this.#inTurn(async () => {
      this.#index ??= {
        walk: new FrameWalk(this.folder.log, (kind) => kind === "scalars" || kind === "define"),
        content: new CurveIndex(),
      };
      const { walk, content: index } = this.#index;
      await walk.update(this.folder.bytes().bytes, ({ kind, content, offset }, end) => {
        if (kind === "scalars") index.add(content, offset, end);
        else if (kind === "define" && content.define === "series") index.define(content.id);
      });
      return index.onGrid(this.folder.log, ids, grid, axis);
    });
  }

  #inTurn<T>(answer: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(answer, answer);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Memory that is taken while somebody looks, about. */
  get bytes(): number {
    const { content: facts } = this.#facts ?? {};
    return (this.#index?.content.bytes ?? 0) + (facts === undefined ? 0 : factsBytes(facts));
  }

  /** Forgets what is large. */
  close(): void {
    this.#index = undefined;
    this.#facts = undefined;
  }

  #take({ kind, content, step }: PlacedEntry): void {
    this.#step = step;
    if (kind === "define" && content.define === "series")
      this.#series.set(content.id, content.split === "validation" ? `validation/${content.name}` : content.name);
    if (kind === "scalars") {
      const { series, steps, times, values } = content;
      this.#told = times.at(-1) ?? this.#told;
      series.forEach((id, row) => {
        this.#last.set(id, values[(row + 1) * steps.length - 1] ?? Number.NaN);
      });
    }
    if (kind !== "event") return;
    if ("time" in content) this.#told = content.time;
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
      // A folder may have been copied long after its run.
      modified: alive || !Number.isFinite(this.#told) ? modified : this.#told!,
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
