import type { Recorder } from "../observe/index.ts";
import type { SeriesDefinition } from "../record/index.ts";
import type { Logs } from "../train/index.ts";
import type { StepFigures, WatchedProgram } from "./watchedStep.ts";

/** Steps that are kept back at most, and how long. */
const mostSteps = 256;
const longestWaitMs = 100;

/** What a step took, in milliseconds; with its number, what is kept of it besides its figures. */
export interface StepTimes {
  /** When it was over, on the clock of `performance.now()`. */
  readonly at: number;
  /** From the end of the step before to that of this one. */
  readonly stepMs: number;
  /** Waiting for its data. */
  readonly dataMs: number;
}
const keptTimes = 4;

type Group = SeriesDefinition["group"];

/**
 * Writes the figures of steps and of evaluations. A step only leaves its numbers here; what they mean is found out, and written, for
 * many steps at once, at the latest after 100 ms and before anything else is written. Code that runs once in half a millisecond finds no cache as it has left it, and took
 * several times as long.
 */
export class FigureWriter {
  readonly #recorder: Recorder;
  /** Kept, so that blocks of steps see at once that they have the same series. */
  #ids: readonly number[] | undefined;
  #names: readonly string[] = [];
  /** Whose numbers are kept, and how many a step. */
  #program: WatchedProgram | undefined;
  #width = 0;
  /** Steps one after the other: number, times, figures. */
  #rows = new Float64Array(0);
  #kept = 0;
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What recording had taken when the last step was told. */
  #spentMs = 0;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
    recorder.onWrite(() => this.#put());
  }

  /** Takes what a step has told. */
  step(step: number, program: WatchedProgram, numbers: ArrayLike<number>, { at, stepMs, dataMs }: StepTimes): void {
    if (this.#program !== program) this.#begin(program, numbers.length);
    const rows = this.#rows;
    let place = this.#kept++ * this.#width;
    rows[place++] = step;
    rows[place++] = at;
    rows[place++] = stepMs;
    rows[place++] = dataMs;
    for (let index = 0; index < numbers.length; index++) rows[place++] = numbers[index]!;
    if (this.#kept === 1) {
      this.#since = at;
      this.#timer ??= setTimeout(() => this.#put(), longestWaitMs);
      this.#timer.unref?.();
    } else if (this.#kept === mostSteps || at - this.#since >= longestWaitMs) this.#put();
  }

  #begin(program: WatchedProgram, numbers: number): void {
    this.#put();
    this.#program = program;
    this.#width = keptTimes + numbers;
    if (this.#rows.length < this.#width * mostSteps) this.#rows = new Float64Array(this.#width * mostSteps);
  }

  /** Writes what is kept. */
  #put(): void {
    const [count, width, rows, program] = [this.#kept, this.#width, this.#rows, this.#program];
    if (count === 0 || program === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#kept = 0; // what is written below asks for it again
    this.#recorder.timed(() => {
      const origin = Date.now() - performance.now();
      for (let row = 0; row < count; row++) {
        const at = row * width;
        this.#write(
          rows[at]!,
          program.decode(rows, at + keptTimes),
          origin + rows[at + 1]!,
          rows[at + 2]!,
          rows[at + 3]!,
        );
      }
      this.#recorder.settle();
    });
  }

  #write(step: number, figures: StepFigures, time: number, stepMs: number, dataMs: number): void {
    const { names, values, learningRate, gradientNorm } = figures;
    if (this.#ids === undefined || (this.#names !== names && this.#names.join() !== names.join())) {
      const train = (name: string, group: Group): number => this.#id(name, group, "train", step);
      const other = (name: string, group: Group): number => this.#id(name, group, "none", step);
      this.#ids = [
        ...names.map((name) => train(name, name === "loss" ? "loss" : "metric")),
        other("learningRate", "parameter"),
        other("gradientNorm", "norm"),
        ...["stepMs", "dataMs", "recordMs"].map((name) => other(name, "time")),
      ];
    }
    this.#names = names;
    const recordMs = this.#recorder.spentMs - this.#spentMs;
    this.#spentMs = this.#recorder.spentMs;
    this.#recorder.scalars(step, this.#ids, [...values, learningRate, gradientNorm, stepMs, dataMs, recordMs], time);
  }

  /** The figures of a validation, under the names that they have in training. */
  evaluation(step: number, logs: Logs): void {
    const entries = Object.entries(logs);
    if (entries.length === 0) return;
    this.#put();
    const ids = entries.map(([name]) =>
      this.#id(name, name.toLowerCase().endsWith("loss") ? "loss" : "metric", "validation", step),
    );
    this.#recorder.scalars(
      step,
      ids,
      entries.map(([, value]) => value),
    );
  }

  #id(name: string, group: Group, split: SeriesDefinition["split"], step: number): number {
    const every = split === "validation" ? "evaluation" : "step";
    return this.#recorder.series({ name, split, group, every, ...(group === "time" ? { unit: "ms" } : {}) }, step);
  }
}
