import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Recorder } from "chainrule/observe";
import type { RunDescription } from "chainrule/record";
import { RunFolder } from "../server/runFolder.ts";
import { placeIn } from "../training/place.ts";
import { runsCommand } from "./runs.ts";

const folder = mkdtempSync(join(tmpdir(), "runs-"));
after(() => rmSync(folder, { recursive: true }));

const place = placeIn(RunFolder.of(folder, "sick-1")!);
const recorder = new Recorder(place.sink);
const data = { examples: 10, validationExamples: 0, inputShape: [2], kind: "vector", mean: 100, deviation: 50 };
recorder.event(
  {
    type: "run",
    run: { id: "sick-1", name: "sick", config: { batchSize: 8 }, loss: [], data } as unknown as RunDescription,
  },
  0,
);
recorder.scalars(1, [recorder.series({ name: "loss", split: "train", group: "loss", every: "step" }, 0)], [0.5]);
recorder.event({ type: "phase", time: 0, phase: "done" }, 1);
recorder.close();

const said = async (words: readonly string[], json = false): Promise<string[]> => {
  const lines: string[] = [];
  await runsCommand(words, { folder, json, follow: false }, (line) => lines.push(line));
  return lines;
};

test("ls, get and tail show runs to people", async () => {
  assert.match((await said(["ls"])).join("\n"), /^sick-1 +done +step +1 +loss 0.5000$/);
  assert.match((await said(["get", "sick-1"])).join("\n"), /batchSize +8\n +train\/loss|batchSize +8\n +loss +0.5/);
  assert.deepEqual(
    (await said(["tail"])).map((line) => line.split("  ")[1]),
    ["run", "define", "1 steps of 1 series", "phase"],
  );
});

test("as JSON they are for programs", async () => {
  const [listing] = JSON.parse((await said(["ls"], true))[0]!);
  assert.deepEqual([listing.id, listing.state, listing.figures.loss, listing.alerts], ["sick-1", "done", 0.5, 1]);
  for (const line of await said(["tail", "sick-1"], true)) JSON.parse(line);
});

test("doctor says what is out of the ordinary, on what evidence, and what to do", async () => {
  const lines = await said(["doctor", "sick-1"]);
  assert.match(
    lines.join("\n"),
    /^warning +The inputs are not normalized\n +first batch: mean 100, standard deviation 50\n +→ bring them/,
  );
  const [finding] = JSON.parse((await said(["doctor", "sick-1"], true))[0]!);
  assert.equal(finding.rule, "inputs");
});

test("unknown runs and words are refused", async () => {
  await assert.rejects(said(["get", "../sick-1"]), /there is no run/);
  await assert.rejects(said(["eat", "sick-1"]), /none of ls, get, tail, doctor/);
});
