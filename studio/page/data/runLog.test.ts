import assert from "node:assert/strict";
import { test } from "node:test";
import { MemorySink, Recorder } from "chainrule/observe";
import { RunLog } from "./runLog.ts";

/** A log of steps with a loss each, and of evaluations; what is told twice is as `steps` and `evaluated` say. */
function logOf(tell: (step: (at: number) => void, evaluated: (at: number) => void) => void): RunLog {
  const sink = new MemorySink();
  const recorder = new Recorder(sink);
  const loss = recorder.series({ name: "loss", split: "train", group: "loss", every: "step" }, 0);
  const checked = recorder.series({ name: "loss", split: "validation", group: "loss", every: "evaluation" }, 0);
  tell(
    (at) => recorder.scalars(at, [loss], [1 / at]),
    (at) => recorder.scalars(at, [checked], [2 / at]),
  );
  recorder.close();
  const log = new RunLog();
  log.push(sink.bytes);
  return log;
}
const stepsOf = (log: RunLog): number[][] => [...log.series.values()].map(({ steps }) => [...steps]);

test("a step that is evaluated twice keeps its loss, and those after it", () => {
  const log = logOf((step, evaluated) => {
    for (const at of [1, 2, 3]) step(at);
    evaluated(3);
    evaluated(3);
    step(4);
    evaluated(3);
  });
  assert.deepEqual(stepsOf(log), [[1, 2, 3, 4], [3]]);
});

test("a step that is done again forgets what came after it", () => {
  const log = logOf((step, evaluated) => {
    for (const at of [1, 2, 3]) step(at);
    evaluated(3);
    step(2);
  });
  assert.deepEqual(stepsOf(log), [[1, 2], []]);
});
