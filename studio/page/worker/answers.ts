import type { Curve } from "../data/curve.ts";
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
  usual: ({ run, step, count }, context) =>
    Object.fromEntries([...runOf(context, run).series].map(([id, curve]) => [id, curve.usual(step, count)])),
  rows: ({ series, count, from, to }, { runs }) => {
    const curves = series.map(({ run, id }) => runs.get(run)?.series.get(id));
    const all = new Set(curves.flatMap((curve) => curve?.rows(from, to, count) ?? []));
    const rising = [...all].sort((a, b) => a - b);
    const stride = Math.ceil(rising.length / count);
    const steps = rising.filter((_, at) => (rising.length - 1 - at) % stride === 0);
    const valueAt = (curve: Curve | undefined, step: number): number | undefined => {
      const point = curve?.at(step);
      return point?.step === step ? point.value : undefined;
    };
    return { steps, values: curves.map((curve) => steps.map((step) => valueAt(curve, step))) };
  },
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
