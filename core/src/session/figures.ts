import type { Recorder } from "../observe/index.ts";
import type { SeriesDefinition } from "../record/index.ts";
import type { Logs } from "../train/index.ts";
import type { StepFigures } from "./watchedStep.ts";

/** What a step took, in milliseconds. */
export interface StepTimes {
  /** From the end of the step before to that of this one. */
  readonly stepMs: number;
  /** Waiting for its data. */
  readonly dataMs: number;
  /** Recording. */
  readonly recordMs: number;
}

type Group = SeriesDefinition["group"];

/** Writes the figures of steps and of evaluations. */
export class FigureWriter {
  readonly #recorder: Recorder;
  /** Kept, so that blocks of steps see at once that they have the same series. */
  #ids: readonly number[] | undefined;
  #names: readonly string[] = [];

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  step(step: number, { names, values, learningRate, gradientNorm }: StepFigures, times: StepTimes): void {
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
    const { stepMs, dataMs, recordMs } = times;
    this.#recorder.scalars(step, this.#ids, [...values, learningRate, gradientNorm, stepMs, dataMs, recordMs]);
  }

  /** The figures of a validation, under the names that they have in training. */
  evaluation(step: number, logs: Logs): void {
    const entries = Object.entries(logs);
    if (entries.length === 0) return;
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
