import {
  type Contents,
  type FrameKind,
  LogWriter,
  type Place,
  type RunEvent,
  type SeriesDefinition,
  type TensorDefinition,
} from "../record/index.ts";
import type { RunSink } from "./sinks.ts";

type SeriesGiven = Omit<SeriesDefinition, "define" | "id">;
type TensorGiven = Omit<TensorDefinition, "define" | "id">;

/** Steps that are written together at most, and how long one waits for others. */
const mostSteps = 256;
const longestWaitMs = 100;

/** Scalars of several steps that have the same series. */
interface Block {
  readonly ids: readonly number[];
  readonly steps: number[];
  readonly times: number[];
  /** Step by step. */
  readonly values: number[];
  readonly since: number;
}

/** Writes what a training does into a log. Never waits, and never throws for want of a place to write. */
export class Recorder {
  readonly #sink: RunSink;
  readonly #writer: LogWriter;
  readonly #series = new Map<string, number>();
  readonly #tensors = new Map<string, number>();
  #block: Block | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
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
    const began = performance.now();
    let block = this.#block;
    const fits = block !== undefined && sameNumbers(block.ids, ids) && step > block.steps.at(-1)!;
    if (!fits) {
      this.#writeBlock();
      block = undefined;
    }
    block ??= { ids, steps: [], times: [], values: [], since: began };
    this.#block = block;
    block.steps.push(step);
    block.times.push(time);
    block.values.push(...values);
    if (block.steps.length >= mostSteps || began - block.since >= longestWaitMs) this.#writeBlock();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#writeBlock(), longestWaitMs);
      this.#timer.unref?.();
    }
    this.#spentMs += performance.now() - began;
  }

  event(event: RunEvent, step: number): void {
    this.write("event", event, { step });
  }

  write<K extends FrameKind>(kind: K, content: Contents[K], place: Place): void {
    const began = performance.now();
    this.#writeBlock();
    this.#writer.write(kind, content, place);
    this.#spentMs += performance.now() - began;
  }

  /** Puts everything through; with `sync`, to the disk itself. */
  flush(options: { readonly sync?: boolean } = {}): void {
    this.#writeBlock();
    this.#sink.flush(options);
  }

  close(): void {
    this.#writeBlock();
    this.#sink.close();
  }

  #writeBlock(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const block = this.#block;
    this.#block = undefined;
    if (block === undefined) return;
    const { ids, steps, times, values } = block;
    const columns = new Float32Array(values.length);
    for (let row = 0; row < ids.length; row++)
      for (let at = 0; at < steps.length; at++) columns[row * steps.length + at] = values[at * ids.length + row]!;
    const content = {
      series: Uint32Array.from(ids),
      steps: Uint32Array.from(steps),
      times: Float64Array.from(times),
      values: columns,
    };
    this.#writer.write("scalars", content, { step: steps.at(-1)! });
  }
}

const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a === b || (a.length === b.length && a.every((value, index) => value === b[index]));
