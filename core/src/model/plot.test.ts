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
