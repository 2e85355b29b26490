import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { MemorySink } from "chainrule/observe";
import { histogramOf, LogWriter, readLog, statsOf } from "chainrule/record";

// The format is open: `python/read_run.py`, which knows of it only what docs/studio.md and its own head say, reads a log that is kept
// here byte by byte, and finds what our reader finds. After a wanted change of the format: UPDATE_GOLDENS=1.

const file = (name: string): string => fileURLToPath(new URL(`../python/${name}`, import.meta.url));
const golden = file("golden.nlog");
const folder = mkdtempSync(join(tmpdir(), "python-reader-"));
after(() => rmSync(folder, { recursive: true }));

/** A short run as our writer writes it, at times that are always the same. */
function written(): Uint8Array {
  const sink = new MemorySink();
  const created = 1_795_478_400_000;
  const writer = new LogWriter(sink, { created });
  const series = { define: "series", split: "train", every: "step" } as const;
  writer.write("event", { type: "phase", time: created, phase: "training", reason: "größer 🚀" }, { step: 0 });
  writer.write("define", { ...series, id: 1, name: "loss", group: "loss" }, { step: 0 });
  writer.write("define", { ...series, id: 2, name: "accuracy", group: "metric" }, { step: 0 });
  const kernel = { name: "dense/kernel", layer: "dense", role: "weight", shape: [2, 2] } as const;
  writer.write("define", { define: "tensor", id: 1, ...kernel }, { step: 0 });
  const block = (ids: readonly number[], first: number, rows: readonly (readonly number[])[]): void => {
    const steps = Uint32Array.from(rows[0]!, (_, at) => first + at);
    const times = Float64Array.from(steps, (step) => created + 2.5 * step);
    const content = { series: Uint32Array.from(ids), steps, times, values: Float32Array.from(rows.flat()) };
    writer.write("scalars", content, { step: steps.at(-1)! });
  };
  block([1, 2], 1, [
    [2.5, 1.25, 0.1],
    [0, 1 / 3, 2 / 3],
  ]);
  writer.write("stats", statsOf([0, 1, -2.5]), { step: 3, stream: 1 });
  writer.write("histogram", histogramOf([0, 1, -2.5]), { step: 3, stream: 1 });
  writer.write("event", { type: "note", time: created + 10, text: "half of it" }, { step: 3 });
  block([2, 1], 4, [
    [0.75, 1],
    [1e-30, 3e38],
  ]);
  writer.write("event", { type: "phase", time: created + 40, phase: "done" }, { step: 5 });
  return sink.bytes;
}

/** What Python says of a log, said by our reader. */
function found(bytes: Uint8Array): unknown {
  const { entries, reader } = readLog(bytes);
  const { created, offset: end } = reader;
  const series: Record<string, { steps: number[]; times: number[]; values: number[] }> = {};
  const tensors: Record<string, unknown> = {};
  for (const { kind, content } of entries) {
    if (kind === "define" && content.define === "series")
      series[content.id] = { ...content, steps: [], times: [], values: [] };
    if (kind === "define" && content.define === "tensor") tensors[content.id] = content;
    if (kind !== "scalars") continue;
    const { length } = content.steps;
    content.series.forEach((id, row) => {
      series[id]!.steps.push(...content.steps);
      series[id]!.times.push(...content.times);
      series[id]!.values.push(...content.values.subarray(row * length, (row + 1) * length));
    });
  }
  const events = entries.flatMap(({ kind, step, content }) => (kind === "event" ? [{ step, ...content }] : []));
  return { created, events, series, tensors, end };
}

test("a short run is written as it was: the bytes of the format stay", () => {
  if (process.env["UPDATE_GOLDENS"] === "1") writeFileSync(golden, written());
  assert.ok(Buffer.compare(readFileSync(golden), written()) === 0, "the golden log; UPDATE_GOLDENS=1 writes it anew");
});

const python = process.env["CHAINRULE_PYTHON"] ?? (existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3");
const skip = spawnSync(python, ["--version"]).status === 0 ? false : `there is no ${python}`;

test("Python reads what our reader reads, of a whole log, a torn one and a damaged one", { skip }, () => {
  const whole = readFileSync(golden);
  const torn = whole.subarray(0, whole.length - 5);
  const damaged = Uint8Array.from(whole);
  damaged[whole.length - 20]! ^= 1;
  const inTheMiddle = Uint8Array.from(whole);
  inTheMiddle[whole.length >> 1]! ^= 64;
  const logs = { whole, torn, damaged, inTheMiddle, head: whole.subarray(0, 16) };
  for (const [name, bytes] of Object.entries(logs)) writeFileSync(join(folder, name), bytes);
  const program = `
import json, sys
sys.path.insert(0, sys.argv[1])
from read_run import read_run
print(json.dumps({name: read_run(open(name, "rb").read()) for name in sys.argv[2:]}))`;
  const options = { cwd: folder, encoding: "utf8", env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } } as const;
  const said = execFileSync(python, ["-c", program, file("."), ...Object.keys(logs)], options);
  const ends: number[] = [];
  for (const [name, bytes] of Object.entries(logs)) {
    const ours = found(bytes) as { readonly end: number };
    assert.deepEqual((JSON.parse(said) as Record<string, unknown>)[name], ours, name);
    ends.push(ours.end);
  }
  assert.ok(
    ends[0] === whole.length && ends[1]! < whole.length && ends[2] === ends[1] && ends[3]! < ends[1]!,
    `${ends}`,
  );
});

test("Python refuses what is no run log", { skip }, () => {
  const other = join(folder, "other");
  writeFileSync(other, "NLO");
  const { status, stderr } = spawnSync(python, [file("read_run.py"), other], { encoding: "utf8" });
  assert.ok(status !== 0 && stderr.includes("this is no run log of version 1"), stderr);
});
