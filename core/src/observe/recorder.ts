import {
  type Contents,
  type FrameKind,
  LogWriter,
  type Place,
  type RunEvent,
  type ScalarBlock,
  type SeriesDefinition,
  type TensorDefinition,
} from "../record/index.ts";
import type { RunSink } from "./sinks.ts";

type SeriesGiven = Omit<SeriesDefinition, "define" | "id">;
type TensorGiven = Omit<TensorDefinition, "define" | "id">;

/** Steps that are written together at most, and how long one waits for others. */
const mostSteps = 256;
const longestWaitMs = 100;
/** Blocks of different series whose memory is kept. */
const keptBlocks = 4;

/** Scalars of several steps that have the same series, in memory that is used again. */
class Block {
  readonly ids: readonly number[];
  readonly #steps = new Uint32Array(mostSteps);
  readonly #times = new Float64Array(mostSteps);
  /** [series, steps] */
  readonly #values: Float32Array;
  length = 0;
  since = 0;

  constructor(ids: readonly number[]) {
    this.ids = ids;
    this.#values = new Float32Array(ids.length * mostSteps);
  }

  get lastStep(): number {
    return this.#steps[this.length - 1]!;
  }
  add(step: number, time: number, values: readonly number[]): void {
    const at = this.length++;
    this.#steps[at] = step;
    this.#times[at] = time;
    for (let row = 0; row < values.length; row++) this.#values[row * mostSteps + at] = values[row]!;
  }
  /** What was added since the last time. */
  take(): ScalarBlock {
    const { length, ids } = this;
    const values = new Float32Array(ids.length * length);
    for (let row = 0; row < ids.length; row++)
      values.set(this.#values.subarray(row * mostSteps, row * mostSteps + length), row * length);
    this.length = 0;
    return {
      series: Uint32Array.from(ids),
      steps: this.#steps.subarray(0, length),
      times: this.#times.subarray(0, length),
      values,
    };
  }
}

/** Writes what a training does into a log. Never waits, and never throws for want of a place to write. */
export class Recorder {
  readonly #sink: RunSink;
  readonly #writer: LogWriter;
  readonly #series = new Map<string, number>();
  readonly #tensors = new Map<string, number>();
  #block = new Block([]);
  #blocks: readonly Block[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #putKept = (): void => {};
  #timing = false;
  #spentMs = 0;

  /** `offset`: where the log goes on, in a run that is resumed. */
  constructor(
    sink: RunSink,
    { created = Date.now(), offset = 0 }: { readonly created?: number; readonly offset?: number } = {},
  ) {
    this.#sink = sink;
    this.#writer = new LogWriter(sink, { created, offset });
  }

  /** Time that recording took here so far. */
  get spentMs(): number {
    return this.#spentMs;
  }

  /** `put` is called before anything is written: who keeps figures back writes them now. */
  onWrite(put: () => void): void {
    this.#putKept = put;
  }
  /** Counts the time of `work` as time of recording: once, whatever is written meanwhile. */
  timed(work: () => void): void {
    if (this.#timing) {
      work();
      return;
    }
    this.#timing = true;
    const began = performance.now();
    try {
      work();
    } finally {
      this.#timing = false;
      this.#spentMs += performance.now() - began;
    }
  }

  /** The id of a series; it is introduced the first time. */
  series(given: SeriesGiven, step: number): number {
    const key = `${given.split}/${given.name}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const id = this.#series.size + 1;
    this.#series.set(key, id);
    this.write("define", { define: "series", id, ...given }, { step });
    return id;
  }

  /** The id of a tensor; it is introduced the first time. */
  tensor(given: TensorGiven, step: number): number {
    const key = `${given.role} ${given.name}`;
    const known = this.#tensors.get(key);
    if (known !== undefined) return known;
    const id = this.#tensors.size + 1;
    this.#tensors.set(key, id);
    this.write("define", { define: "tensor", id, ...given }, { step });
    return id;
  }

  /** Values of series at a step, one each. */
  scalars(step: number, ids: readonly number[], values: readonly number[], time = Date.now()): void {
    this.timed(() => {
      let block = this.#block;
      if (!sameNumbers(block.ids, ids) || (block.length > 0 && step <= block.lastStep)) {
        this.#writeBlock();
        if (!sameNumbers(block.ids, ids)) block = this.#blockOf(ids);
      }
      const now = performance.now();
      if (block.length === 0) block.since = now;
      block.add(step, time, values);
      if (block.length >= mostSteps || now - block.since >= longestWaitMs) this.#writeBlock();
      else if (this.#timer === undefined) {
        this.#timer = setTimeout(() => this.#writeBlock(), longestWaitMs);
        this.#timer.unref?.();
      }
    });
  }
  /** Evaluations and steps take turns: each has its block. */
  #blockOf(ids: readonly number[]): Block {
    const known = this.#blocks.find((each) => sameNumbers(each.ids, ids));
    this.#block = known ?? new Block(ids);
    if (known === undefined) this.#blocks = [this.#block, ...this.#blocks].slice(0, keptBlocks);
    return this.#block;
  }

  event(event: RunEvent, step: number): void {
    this.write("event", event, { step });
  }

  write<K extends FrameKind>(kind: K, content: Contents[K], place: Place): void {
    this.timed(() => {
      this.settle();
      this.#writer.write(kind, content, place);
    });
  }

  /** Puts everything through; with `sync`, to the disk itself. */
  flush(options: { readonly sync?: boolean } = {}): void {
    this.settle();
    this.#sink.flush(options);
  }

  close(): void {
    this.settle();
    this.#sink.close();
  }

  /** Hands on what was kept back of steps. */
  settle(): void {
    this.#putKept();
    this.#writeBlock();
  }

  #writeBlock(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    const block = this.#block;
    if (block.length === 0) return;
    const { lastStep } = block;
    this.#writer.write("scalars", block.take(), { step: lastStep });
  }
}

const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a === b || (a.length === b.length && a.every((value, index) => value === b[index]));
