import assert from "node:assert/strict";
import { test } from "node:test";
import type { LayerNode, ModelGraph } from "chainrule/record";
import { blocksOf, chainLayout, diagramOf } from "./network.ts";

const layer = (id: string, inputs: readonly string[], parameters = 1): LayerNode => ({
  id,
  name: id.split("/").at(-1)!,
  type: "Dense",
  path: id.split("/").slice(0, -1),
  inputs,
  inputShapes: [],
  outputShapes: [[null, 4]],
  config: {},
  parameters,
  trainableParameters: parameters,
  multiplyAdds: 2 * parameters,
  variables: [],
});

const layers = [
  layer("in", []),
  layer("a/inner/x", ["in"], 10),
  layer("a/inner/y", ["a/inner/x"], 20),
  layer("a/sum", ["in", "a/inner/y"], 5),
  layer("out", ["a/sum"]),
];
const graph: ModelGraph = {
  name: "m",
  type: "Functional",
  layers,
  inputs: ["in"],
  outputs: ["out"],
  parameters: 37,
  trainableParameters: 37,
  multiplyAdds: 74,
};

test("blocks are told outermost first", () => assert.deepEqual(blocksOf(graph), ["a/", "a/inner/"]));

test("a shut block is one box with the sums of its layers", () => {
  const { boxes, edges } = diagramOf(graph, new Set());
  assert.deepEqual(
    boxes.map(({ id, parameters }) => [id, parameters]),
    [
      ["in", 1],
      ["a/", 35],
      ["out", 1],
    ],
  );
  assert.deepEqual(edges, [
    ["in", "a/"],
    ["a/", "out"],
  ]);
});

test("an open block shows its layers, and the blocks in it shut", () => {
  const { boxes, edges } = diagramOf(graph, new Set(["a/"]));
  assert.deepEqual(
    boxes.map(({ id }) => id),
    ["in", "a/inner/", "a/sum", "out"],
  );
  assert.deepEqual(edges, [
    ["in", "a/inner/"],
    ["in", "a/sum"],
    ["a/inner/", "a/sum"],
    ["a/sum", "out"],
  ]);
});

test("no parameter is lost, whatever is open", () => {
  for (const open of [[], ["a/"], ["a/", "a/inner/"]]) {
    const { boxes } = diagramOf(graph, new Set(open));
    assert.equal(
      boxes.reduce((sum, { parameters }) => sum + parameters, 0),
      graph.parameters,
    );
  }
});

test("a chain is laid out in rows that are read like text; what is no chain is not", () => {
  const names = ["a", "b", "c", "d", "e"];
  const chain: ModelGraph = {
    ...graph,
    layers: names.map((name, at) => layer(name, at === 0 ? [] : [names[at - 1]!])),
  };
  const size = { width: 100, height: 50 };
  const placed = chainLayout(diagramOf(chain, new Set()), 460, size);
  assert.ok(placed);
  const rows = [...new Set(placed.boxes.map(({ y }) => y))];
  assert.equal(rows.length, 2);
  assert.ok(placed.width <= 460);
  for (const [at, { x, y }] of placed.boxes.entries()) {
    for (const other of placed.boxes.slice(at + 1))
      assert.ok(
        Math.abs(other.x - x) >= size.width || Math.abs(other.y - y) >= size.height,
        "boxes lie over each other",
      );
  }
  assert.equal(chainLayout(diagramOf(graph, new Set(["a/"])), 460, size), undefined);
});
