import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { uniformSource } from "chainrule/data";
import { FileSink, Recorder } from "chainrule/observe";
import { Curves, type GridCurve, gridOf, LogReader } from "chainrule/record";
import { readPart } from "./logState.ts";
import { RunFolder } from "./runFolder.ts";
import { Shelf } from "./shelf.ts";

const runs = mkdtempSync(join(tmpdir(), "curves-"));
after(() => rmSync(runs, { recursive: true }));

/** A training that goes back now and then, whose figures come in two ways, with values that are not finite and other frames between. */
class Written {
  readonly folder: RunFolder;
  readonly recorder: Recorder;
  readonly ids: readonly number[];
  readonly #uniform;
  readonly #sink: FileSink;
  step = 0;
  #time = 1000;

  constructor(name: string, seed: number) {
    this.folder = RunFolder.of(runs, name)!;
    this.folder.make();
    this.#uniform = uniformSource(seed);
    this.#sink = new FileSink(this.folder.log);
    this.recorder = new Recorder(this.#sink, { created: 0 });
    const series = (each: string, split: "train" | "validation"): number =>
      this.recorder.series({ name: each, split, group: "loss", every: "step" }, 0);
    this.ids = [
      series("loss", "train"),
      series("accuracy", "train"),
      series("norm", "train"),
      series("loss", "validation"),
    ];
  }
  /** So many steps more; with `wild`, the training also goes back, and figures are left out. */
  go(steps: number, wild: boolean): this {
    const [loss, accuracy, norm, held] = this.ids as [number, number, number, number];
    for (let count = 0; count < steps; count++) {
      const chance = this.#uniform();
      if (wild && chance < 0.002) this.step = Math.floor(this.step * this.#uniform());
      this.step++;
      this.#time += 1 + Math.floor(8 * this.#uniform());
      const value = (): number => (this.#uniform() < 0.01 ? Number.NaN : this.#uniform() * 10 - 5);
      if (wild && chance > 0.97) this.recorder.scalars(this.step, [loss, norm], [value(), value()], this.#time);
      else this.recorder.scalars(this.step, [loss, accuracy, norm], [value(), value(), value()], this.#time);
      if (this.step % 500 === 0) {
        this.recorder.scalars(this.step, [held], [value()], this.#time);
        this.recorder.event({ type: "note", time: 0, text: "x".repeat(700) }, this.step);
      }
    }
    this.recorder.flush();
    return this;
  }
  /** What the pyramids of a whole reading say. */
  expected(from: number, to: number, pixels: number, axis: "step" | "time"): readonly GridCurve[] {
    const { bytes } = this.folder.bytes();
    const curves = new Curves();
    for (const entry of new LogReader().push(readPart(this.folder.log, 0, bytes))) curves.take(entry);
    const grid = gridOf(from, to, pixels, axis);
    return this.ids.map((id) => curves.get(id)!.values.onGrid(grid, axis));
  }
}

function assertSame(found: readonly (GridCurve | undefined)[], expected: readonly GridCurve[], what: string): void {
  for (const [place, curve] of expected.entries()) {
    const own = found[place]!;
    for (const name of ["min", "max", "last", "count", "nonFinite"] as const)
      assert.deepEqual(own[name], curve[name], `${what}: ${name} of series ${place}`);
    // Sums are made in another order.
    curve.mean.forEach((mean, at) => {
      assert.ok(Object.is(own.mean[at], mean) || Math.abs(own.mean[at]! - mean) < 1e-9, `${what}: mean ${at}`);
    });
  }
}

const windows = [
  [0, 20_000, 40],
  [0, 20_000, 700],
  [1234, 1300, 500],
  [5000, 9000, 33],
  [30_000, 40_000, 10],
] as const;

test("an index answers as the pyramids of all values do, while the log grows, and after it was forgotten", async () => {
  for (const [seed, wild] of [
    [1, false],
    [2, true],
    [3, true],
  ] as const) {
    const written = new Written(`run-${seed}`, seed);
    const shelf = new Shelf();
    for (const steps of [10, 3000, 1, 9000]) {
      written.go(steps, wild);
      for (const [from, to, pixels] of windows) {
        for (const axis of ["step", "time"] as const) {
          const scale = axis === "step" ? 1 : 4;
          const grid = gridOf(scale * from, scale * to, pixels, axis);
          const ask = () => shelf.look(written.folder, (state) => state.onGrid(written.ids, grid, axis));
          const what = `seed ${seed}, ${written.step} steps, ${axis} ${from} to ${to}`;
          assertSame(await ask(), written.expected(scale * from, scale * to, pixels, axis), what);
        }
      }
    }
    const grid = gridOf(0, 10_000, 100);
    const ask = () => shelf.look(written.folder, (state) => state.onGrid([...written.ids, 99], grid, "step"));
    const before = await ask();
    shelf.state(written.folder).close();
    assert.equal(shelf.bytes, 0);
    assert.deepEqual(await ask(), before);
    assert.equal(before[4], undefined);
  }
});

test("many runs may be looked at: what is kept stays under its bound, and answers stay the same", async () => {
  const all = Array.from({ length: 12 }, (_, at) => new Written(`many-${at}`, 10 + at).go(4000, at % 2 === 1));
  const most = 400_000;
  const shelf = new Shelf(most);
  const grid = gridOf(0, 4000, 200);
  const look = ({ folder, ids }: Written) => shelf.look(folder, (state) => state.onGrid(ids, grid, "step"));
  const answers = [];
  let highest = 0;
  for (const written of all) {
    answers.push(await look(written));
    await shelf.look(written.folder, (state) => state.findings());
    assert.ok(shelf.bytes <= most, `${shelf.bytes} bytes`);
    highest = Math.max(highest, shelf.bytes);
  }
  assert.ok(highest > most / 4, `${highest} bytes: something is kept`);
  for (const [at, written] of all.entries()) assert.deepEqual(await look(written), answers[at]);
  // Runs that are gone are forgotten.
  shelf.all([]);
  assert.equal(shelf.bytes, 0);
});

test("an index takes few bytes a step, and for logs of any length no more than some megabytes", async () => {
  const written = new Written("long", 5).go(200_000, false);
  const shelf = new Shelf();
  const grid = gridOf(0, 200_000, 300);
  const answer = await shelf.look(written.folder, (state) => state.onGrid(written.ids, grid, "step"));
  assertSame(answer, written.expected(0, 200_000, 300, "step"), "long");
  assert.ok(shelf.bytes < 6 * 200_000, `${shelf.bytes} bytes`);
});

test("what the doctor looks at is kept of a log of any length, as long as it is little itself", async () => {
  const written = new Written("wordy", 8).go(500, false);
  for (let at = 0; at < 20; at++) written.recorder.event({ type: "note", time: 0, text: "x".repeat(2 ** 20) }, 500);
  written.recorder.flush();
  const shelf = new Shelf();
  await shelf.look(written.folder, (state) => state.findings());
  assert.ok(written.folder.bytes().bytes > 2 ** 24);
  assert.ok(shelf.bytes > 0 && shelf.bytes < 100_000, `${shelf.bytes} bytes`);
});
