import assert from "node:assert/strict";
import { before, test } from "node:test";
import { clearSession, input, layers } from "../nn/index.ts";
import { setDevice } from "../tensor/index.ts";
import { arrange } from "./arrange.ts";
import { model, plotModel, sequential } from "./index.ts";

before(() => setDevice("reference"));

const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);

test("a plot has a box for every layer and an arrow for every connection", () => {
  clearSession();
  const x = input([4], { name: "<x>" });
  const dense = layers.dense(4);
  const whole = model(x, layers.add([dense(x), x]), { name: 'a & "b"' });
  const svg = plotModel(whole, { showShapes: true, showLayerNames: true });
  assert.deepEqual(texts(svg), [
    "&lt;x&gt; (InputLayer)",
    "output (None, 4)",
    "dense (Dense)",
    "output (None, 4)",
    "add (Add)",
    "output (None, 4)",
  ]);
  assert.equal(svg.match(/<rect /g)?.length, 3);
  assert.equal(svg.match(/marker-end/g)?.length, 3);
  assert.match(svg, /<title>a &amp; &quot;b&quot;<\/title>/);
});

test("chains, and models inside", () => {
  const inner = sequential([layers.dense(3), layers.dropout(0.5)]);
  const x = input([2]);
  const whole = model(x, layers.dense(1)(inner(x)));
  assert.deepEqual(texts(plotModel(whole)), ["InputLayer", "Sequential", "Dense"]);
  const expanded = plotModel(whole, { expandNested: true });
  assert.deepEqual(texts(expanded), ["InputLayer", "Dense", "Dropout", "Dense"]);
  assert.equal(expanded.match(/marker-end/g)?.length, 3);
});

test("activations are shown, and arrows lead where rankdir says", () => {
  const x = input([2], { name: "in" });
  const whole = model(x, layers.dense(1)(layers.dense(2, { activation: "relu" })(x)));
  assert.deepEqual(texts(plotModel(whole, { showLayerActivations: true })), [
    "InputLayer",
    "Dense",
    "activation relu",
    "Dense",
    "activation linear",
  ]);
  const corners = (rankdir: "TB" | "LR" | "BT" | "RL"): { x: number[]; y: number[] } => {
    const found = [...plotModel(whole, { rankdir }).matchAll(/<rect x="([\d.]+)" y="([\d.]+)"/g)];
    return { x: found.map(([, at]) => Number(at)), y: found.map(([, , at]) => Number(at)) };
  };
  const rises = ([a, b, c]: number[]): boolean => a! < b! && b! < c!;
  assert.ok(rises(corners("TB").y) && rises(corners("BT").y.reverse()));
  assert.ok(rises(corners("LR").x) && rises(corners("RL").x.reverse()));
  // Every arrow begins and ends at the edge of a box.
  for (const rankdir of ["TB", "LR", "BT", "RL"] as const) {
    const svg = plotModel(whole, { rankdir });
    const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map((each) =>
      each.slice(1).map(Number),
    ) as [number, number, number, number][];
    const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6;
    for (const [, path] of svg.matchAll(/<path d="(M[^"]+)" fill/g)) {
      const numbers = path!.match(/[\d.]+/g)!.map(Number);
      for (const [px, py] of [numbers.slice(0, 2), numbers.slice(-2)] as [number, number][]) {
        const touched = boxes.some(
          ([x, y, width, height]) =>
            ((near(px, x) || near(px, x + width)) && py >= y && py <= y + height) ||
            ((near(py, y) || near(py, y + height)) && px >= x && px <= x + width),
        );
        assert.ok(touched, `${rankdir}: ${px}, ${py} is at no box`);
      }
    }
  }
  assert.throws(() => plotModel(whole, { rankdir: "up" as never }), /rankdir/);
});

test("boxes of a row do not overlap, and edges lead down", () => {
  const boxes = Array.from({ length: 12 }, (_, at) => ({ width: 40 + at * 7, height: 20 + (at % 3) * 10 }));
  const edges = boxes
    .flatMap((_, from) => [1, 3, 5].map((step) => ({ from, to: from + step })))
    .filter(({ to }) => to < 12);
  const { places, paths, width, height } = arrange(boxes, edges);
  assert.equal(paths.length, edges.length);
  for (const [a, one] of places.entries()) {
    assert.ok(one.x >= 0 && one.x + boxes[a]!.width <= width && one.y + boxes[a]!.height <= height);
    for (const [b, other] of places.entries()) {
      if (a >= b) continue;
      const beside = one.x + boxes[a]!.width <= other.x || other.x + boxes[b]!.width <= one.x;
      const over = one.y + boxes[a]!.height <= other.y || other.y + boxes[b]!.height <= one.y;
      assert.ok(beside || over, `${a} and ${b} overlap`);
    }
  }
  for (const { from, to } of edges) assert.ok(places[from]!.y + boxes[from]!.height < places[to]!.y);
});
