import type { Point } from "../data/curve.ts";
import { linesOf, scaleOf } from "../data/lines.ts";
import { type Answers, type AskName, type Asks, type Context, runOf } from "./asks.ts";

/** What the first screen asks for; all else is a chunk that loads when it is asked for. */
const first = {
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
  log: ({ run }, { source }) => source.read(run),
  send: ({ run, command }, { source }) => source.send(run, command),
  predict: ({ run, request }, { source }) => source.predict(run, request),
} satisfies Partial<Answers<AskName>>;

export type LaterName = Exclude<AskName, keyof typeof first>;

/** Answers a question of the page. */
export async function answer<N extends AskName>(name: N, params: Asks[N][0], context: Context): Promise<Asks[N][1]> {
  const table = (Object.hasOwn(first, name) ? first : (await import("./laterAnswers.ts")).later) as Answers<N>; // one of them has it
  return table[name](params, context);
}
