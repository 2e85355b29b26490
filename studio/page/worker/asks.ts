import {
  type Command,
  type ControlAnswer,
  type OnDemandRequest,
  type PredictAnswer,
  type PredictRequest,
  readLog,
  type SliceRole,
  sliceValues,
  type TensorRole,
} from "chainrule/record";
import type { Point } from "../data/curve.ts";
import {
  type EvaluationAt,
  evaluationAt,
  type Mistake,
  mistakesAt,
  type Picture,
  type ProbeExample,
  probeAt,
  type SlicesView,
  type Split,
  slicesAt,
} from "../data/examples.ts";
import { type HealthNow, healthOf } from "../data/health.ts";
import { type Heat, type HeatView, type HistogramBars, heatOf, histogramAt } from "../data/heat.ts";
import { type Axis, type Lines, type LinesView, linesOf, scaleOf } from "../data/lines.ts";
import { type MemoryNow, memoryAt, type SpansNow, spansAt } from "../data/profile.ts";
import type { RunLog } from "../data/runLog.ts";
import { csvOf, traceOf } from "../data/texts.ts";
import type { RunSource } from "./source.ts";

/** What the page can ask the worker: name, question, answer. */
export interface Asks {
  lines: [LinesView, Lines];
  /** Where steps lie on the axis. */
  places: [{ run: string; axis: Axis; steps: readonly number[] }, readonly number[]];
  /** The values of some series at a step, in their order. */
  valuesOf: [{ series: LinesView["series"]; step: number }, readonly (Point | undefined)[]];
  /** The values of all series at a step: the last ones before it. */
  values: [{ run: string; step: number }, Readonly<Record<number, Point>>];
  /** At most `count` values of each series, for tables. */
  rows: [{ series: LinesView["series"]; count: number; from: number; to: number }, readonly (readonly Point[])[]];
  heats: [Omit<HeatView, "tensor"> & { tensors: readonly number[] }, readonly (Heat | undefined)[]];
  histogram: [{ run: string; tensor: number; step: number }, HistogramBars | undefined];
  health: [{ run: string; role: TensorRole; step: number }, HealthNow];
  evaluation: [{ run: string; split: Split; step: number }, EvaluationAt | undefined];
  mistakes: [{ run: string; split: Split; step: number }, { step: number; mistakes: readonly Mistake[] } | undefined];
  probe: [{ run: string; step: number }, { step: number; examples: readonly ProbeExample[] } | undefined];
  slices: [{ run: string; step: number } & SlicesView, readonly Picture[]];
  spans: [{ run: string; step: number }, SpansNow | undefined];
  memory: [{ run: string; step: number }, MemoryNow | undefined];
  csv: [{ run: string }, string];
  trace: [{ run: string; step: number }, string];
  log: [{ run: string }, Uint8Array];
  send: [{ run: string; command: Command }, ControlAnswer];
  predict: [{ run: string; request: PredictRequest }, PredictAnswer];
  request: [{ run: string; request: OnDemandRequest; role: SliceRole }, readonly Picture[]];
}
export type AskName = keyof Asks;

export interface Context {
  readonly runs: ReadonlyMap<string, RunLog>;
  readonly source: RunSource;
}

type Answers = { readonly [N in AskName]: (params: Asks[N][0], context: Context) => Asks[N][1] | Promise<Asks[N][1]> };

function runOf({ runs }: Context, run: string): RunLog {
  const log = runs.get(run);
  if (log === undefined) throw new Error(`the run "${run}" is not open`);
  return log;
}

export const answers: Answers = {
  lines: (view, { runs }) => linesOf(runs, view),
  places: ({ run, axis, steps }, context) => {
    const { toAxis } = scaleOf(runOf(context, run), axis);
    return steps.map(toAxis);
  },
  valuesOf: ({ series, step }, { runs }) => series.map(({ run, id }) => runs.get(run)?.series.get(id)?.at(step)),
  values: ({ run, step }, context) => {
    const told = [...runOf(context, run).series].map(([id, curve]) => [id, curve.at(step)] as const);
    return Object.fromEntries(told.filter((pair): pair is [number, Point] => pair[1] !== undefined));
  },
  rows: ({ series, count, from, to }, { runs }) =>
    series.map(({ run, id }) => runs.get(run)?.series.get(id)?.rows(from, to, count) ?? []),
  heats: ({ tensors, ...view }, context) =>
    tensors.map((tensor) => heatOf(runOf(context, view.run), { ...view, tensor })),
  histogram: ({ run, tensor, step }, context) => histogramAt(runOf(context, run), tensor, step),
  health: ({ run, role, step }, context) => healthOf(runOf(context, run), role, step),
  evaluation: ({ run, split, step }, context) => evaluationAt(runOf(context, run), split, step),
  mistakes: ({ run, split, step }, context) => mistakesAt(runOf(context, run), split, step),
  probe: ({ run, step }, context) => probeAt(runOf(context, run), step),
  slices: ({ run, step, ...view }, context) => slicesAt(runOf(context, run), view, step),
  spans: ({ run, step }, context) => spansAt(runOf(context, run), step),
  memory: ({ run, step }, context) => memoryAt(runOf(context, run), step),
  csv: ({ run }, context) => csvOf(runOf(context, run)),
  trace: ({ run, step }, context) => traceOf(runOf(context, run), step),
  log: ({ run }, { source }) => source.read(run),
  send: ({ run, command }, { source }) => source.send(run, command),
  predict: ({ run, request }, { source }) => source.predict(run, request),
  request: async ({ run, request, role }, { source }) =>
    readLog(await source.request(run, request)).entries.flatMap(({ kind, content, step }) =>
      kind === "slice" && content.head.role === role
        ? [{ step, head: content.head, values: sliceValues(content) }]
        : [],
    ),
};
