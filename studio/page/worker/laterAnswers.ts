import { readLog, sliceValues } from "chainrule/record";
import { comparisonOf } from "../data/comparison.ts";
import { evaluationAt, historyOf, mistakesAt, type Picture, probeAt, slicesAt } from "../data/examples.ts";
import { healthOf } from "../data/health.ts";
import { heatOf, histogramAt } from "../data/heat.ts";
import { memoryAt, spansAt } from "../data/profile.ts";
import { csvOf, traceOf } from "../data/texts.ts";
import type { LaterName } from "./answers.ts";
import { type Answers, runOf } from "./asks.ts";
import { examplesOf, nearestTo, occlusionOf } from "./explain.ts";

/** What screens ask for that are opened later. */
export const later: Answers<LaterName> = {
  heats: ({ tensors, ...view }, context) =>
    tensors.map((tensor) => heatOf(runOf(context, view.run), { ...view, tensor })),
  histogram: ({ run, tensor, step }, context) => histogramAt(runOf(context, run), tensor, step),
  health: ({ run, role, step }, context) => healthOf(runOf(context, run), role, step),
  evaluation: ({ run, split, step }, context) => evaluationAt(runOf(context, run), split, step),
  mistakes: ({ run, split, step }, context) => mistakesAt(runOf(context, run), split, step),
  probe: ({ run, step }, context) => probeAt(runOf(context, run), step),
  comparison: ({ runs, step }, context) =>
    comparisonOf(
      runs.flatMap((run) => context.runs.get(run) ?? []),
      step,
    ),
  history: ({ run, key, step }, context) => historyOf(runOf(context, run), key, step),
  examples: ({ run, keys }, context) => examplesOf(context, run, keys),
  nearest: ({ run, key, count }, context) => nearestTo(context, run, key, count),
  occlusion: ({ run, picture, class: wanted }, { source }) =>
    occlusionOf(
      picture,
      wanted,
      async (input) =>
        (await source.predict(run, { input: Array.from(input, (value) => Number(value.toPrecision(6))) })).output,
    ),
  slices: ({ run, step, ...view }, context) => slicesAt(runOf(context, run), view, step),
  spans: ({ run, step }, context) => spansAt(runOf(context, run), step),
  memory: ({ run, step }, context) => memoryAt(runOf(context, run), step),
  findings: ({ run }, context) => runOf(context, run).findings(),
  csv: ({ run }, context) => csvOf(runOf(context, run)),
  trace: ({ run, step }, context) => traceOf(runOf(context, run), step),
  request: async ({ run, request, role }, context) => {
    const { entries } = readLog(await context.source.request(run, request));
    const pictures: Picture[] = [];
    let timed = false;
    for (const { kind, content, step } of entries) {
      // Time lines are kept beside those of the log; pictures belong to whoever asked.
      if (kind === "spans") {
        runOf(context, run).spans.push({ step, value: content });
        timed = true;
      }
      if (kind === "slice" && content.head.role === role)
        pictures.push({ step, head: content.head, values: sliceValues(content) });
    }
    if (timed) context.touch(run);
    return pictures;
  },
};
