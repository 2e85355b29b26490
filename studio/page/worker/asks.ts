import type {
  Command,
  ControlAnswer,
  Finding,
  OnDemandRequest,
  PredictAnswer,
  PredictRequest,
  SliceRole,
  TensorRole,
} from "chainrule/record";
import type { ComparedExample } from "../data/comparison.ts";
import type { Point } from "../data/curve.ts";
import type { EvaluationAt, Mistake, Picture, ProbeNow, Said, SlicesView, Split } from "../data/examples.ts";
import type { HealthNow } from "../data/health.ts";
import type { Heat, HeatView, HistogramBars } from "../data/heat.ts";
import type { Axis, Lines, LinesView } from "../data/lines.ts";
import type { MemoryNow, SpansNow } from "../data/profile.ts";
import type { RunLog } from "../data/runLog.ts";
import type { RunSource } from "./source.ts";

/** What the page can ask the worker: name, question, answer. */
export interface Asks {
  lines: [LinesView, Lines];
  /** Where steps lie on the axis. */
  places: [{ run: string; axis: Axis; steps: readonly number[] }, readonly number[]];
  /** The values of some series at a step, in their order. */
  valuesOf: [{ series: LinesView["series"]; step: number }, readonly (Point | undefined)[]];
  /** The medians of all series over the last `count` values until a step; NaN where there are none. */
  usual: [{ run: string; step: number; count: number }, Readonly<Record<number, number>>];
  /** At most `count` steps, and the values of the series at exactly those, for tables. */
  rows: [{ series: LinesView["series"]; count: number; from: number; to: number }, TableRows];
  heats: [Omit<HeatView, "tensor"> & { tensors: readonly number[] }, readonly (Heat | undefined)[]];
  histogram: [{ run: string; tensor: number; step: number }, HistogramBars | undefined];
  health: [{ run: string; role: TensorRole; step: number }, HealthNow];
  evaluation: [{ run: string; split: Split; step: number }, EvaluationAt | undefined];
  mistakes: [{ run: string; split: Split; step: number }, { step: number; mistakes: readonly Mistake[] } | undefined];
  probe: [{ run: string; step: number }, ProbeNow | undefined];
  /** The probe set of several runs side by side; at their last steps without a step. */
  comparison: [{ runs: readonly string[]; step: number | undefined }, readonly ComparedExample[]];
  history: [{ run: string; key: string; step: number }, readonly Said[]];
  /** Pictures of examples: from the log, or from the training where it can be asked. */
  examples: [{ run: string; keys: readonly string[] }, readonly Picture[]];
  /** The examples of the training data that the model's features place next to an example, nearest first. */
  nearest: [{ run: string; key: string; count: number }, readonly Near[]];
  /** How much the probability of a class falls when a part of the picture is covered. */
  occlusion: [{ run: string; picture: Picture; class: number }, Picture];
  slices: [{ run: string; step: number } & SlicesView, readonly Picture[]];
  spans: [{ run: string; step: number }, SpansNow | undefined];
  memory: [{ run: string; step: number }, MemoryNow | undefined];
  findings: [{ run: string }, readonly Finding[]];
  csv: [{ run: string }, string];
  trace: [{ run: string; step: number }, string];
  log: [{ run: string }, Uint8Array];
  send: [{ run: string; command: Command }, ControlAnswer];
  predict: [{ run: string; request: PredictRequest }, PredictAnswer];
  request: [{ run: string; request: OnDemandRequest; role: SliceRole }, readonly Picture[]];
}

/** Values [series][step]; undefined where a series has none at that step. */
export interface TableRows {
  readonly steps: readonly number[];
  readonly values: readonly (readonly (number | undefined)[])[];
}

/** An example next to another. */
export interface Near {
  readonly key: string;
  readonly truth: number;
  readonly distance: number;
  readonly picture: Picture | undefined;
}

export type AskName = keyof Asks;

export interface Context {
  readonly runs: ReadonlyMap<string, RunLog>;
  readonly source: RunSource;
  /** Has the page told that something about the run is new. */
  readonly touch: (run: string) => void;
}

/** One function a question. */
export type Answers<N extends AskName> = {
  readonly [K in N]: (params: Asks[K][0], context: Context) => Asks[K][1] | Promise<Asks[K][1]>;
};

export function runOf({ runs }: Context, run: string): RunLog {
  const log = runs.get(run);
  if (log === undefined) throw new Error(`the run "${run}" is not open`);
  return log;
}
