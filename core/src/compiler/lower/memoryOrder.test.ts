import assert from "node:assert/strict";
import { test } from "node:test";
import * as build from "../../graph/build.ts";
import type { Graph, Node } from "../../graph/node.ts";
import { printKernel } from "../../kernel/print.ts";
import { interpret } from "../../reference/interpret.ts";
import { seeded } from "../../reference/samples/sample.ts";
import { assertClose } from "../../reference/samples.ts";
import type { Cluster } from "../cluster.ts";
import { acceptsLoop, lower } from "../lower.ts";
import { largeTarget, runClusters, wholeGraph } from "./testing.ts";

// Kernels go through memory in the order that suits it. Each case says what its text shows, and equals the reference.

const add = (x: Node, y: Node): Node => build.binary("add", x, y);
const mul = (x: Node, y: Node): Node => build.binary("mul", x, y);
const along = (vector: Node, like: Node): Node =>
  build.expand(build.reshape(vector, [...like.shape.slice(1).map(() => 1), vector.shape[0]!]), like.shape);

interface Case {
  readonly kind: Cluster["kind"];
  readonly graph: Graph;
  /** What the kernels' text must show, and must not. */
  readonly shows: readonly RegExp[];
  readonly never?: RegExp;
}

const pooling = (): Graph => {
  const x = build.input("x", [2, 8, 6, 12], "f32");
  const windows = build.windows(x, { axes: [1, 2], size: [2, 2], stride: [2, 2], dilation: [1, 1] });
  const most = build.reduce("max", windows, [4, 5]);
  const like = build.expand(build.reshape(most, [...most.shape, 1, 1]), windows.shape);
  const ties = build.reduce("sum", build.cast(build.compare("eq", windows, like), "f32"), [4, 5]);
  return { inputs: [x], outputs: [most, ties] };
};

const transposed = (rows: number, columns: number): Graph => {
  const [x, y] = [build.input("x", [3, columns, rows], "f32"), build.input("y", [3, rows, columns], "f32")];
  return { inputs: [x, y], outputs: [add(build.permute(x, [0, 2, 1]), y)] };
};

const depthwise = (): Graph => {
  const [x, w] = [build.input("x", [2, 5, 6, 8, 1], "f32"), build.input("w", [3, 3, 8, 1, 1], "f32")];
  const one = [1, 1] as const;
  const pad = [
    [1, 1],
    [1, 1],
  ] as const;
  return { inputs: [x, w], outputs: [build.conv(x, w, { stride: one, dilation: one, spread: one, pad })] };
};

const masked = (): Graph => {
  const [x, g] = [build.input("x", [100], "f32"), build.input("g", [100], "f32")];
  const zero = build.fill(0, x);
  return { inputs: [x, g], outputs: [build.where(build.compare("lt", zero, x), g, zero)] };
};

const product = (m: number, n: number, k: number, left: string, right: string): Graph => {
  const sizes: Readonly<Record<string, number>> = { m, n, k };
  const [x, w] = [left, right].map((labels, i) =>
    build.input(
      `x${i}`,
      [...labels].map((label) => sizes[label]!),
      "f32",
    ),
  ) as [Node<"input">, Node<"input">];
  return { inputs: [x, w], outputs: [build.contract(x, w, { a: [...left], b: [...right], out: ["m", "n"] })] };
};

const cases: { readonly [name: string]: () => Case } = {
  "pooling runs over channels, the window unrolled": () => ({
    kind: "loop",
    graph: pooling(),
    shows: [/in 0\.\.12 vector/],
    never: /0\.\.2 vector/,
  }),
  "a transposition goes block by block": () => ({
    kind: "loop",
    graph: transposed(32, 48),
    shows: [/in j? ?i\d* \* 16\.\.i\d* \* 16 \+ 16/],
  }),
  "a transposition with short last blocks": () => ({
    kind: "loop",
    graph: transposed(37, 51),
    shows: [/\.\.min\(i\d* \* 16 \+ 16, 37\)/, /\.\.min\(i\d* \* 16 \+ 16, 51\)/],
  }),
  "inside of an image, a depthwise convolution reads without asking": () => ({
    kind: "loop",
    graph: depthwise(),
    shows: [/if /, /else/],
  }),
  "what lanes may choose is read before they do": () => ({
    kind: "loop",
    graph: masked(),
    shows: [/let t\d*: f32 = x1\[i\]/, /0 < x0\[i\] \? t\d* : 0/],
  }),
  "rows of the left operand are copied as they lie": () => ({
    kind: "contract",
    graph: product(50, 40, 70, "mk", "kn"),
    shows: [/a70_1/],
  }),
  "a left operand that is contiguous along rows is copied along them, the rows of each tile to one place": () => ({
    kind: "contract",
    graph: product(50, 40, 70, "km", "kn"),
    shows: [/for row in .*rowPanel \* 5 \+ 5 vector/, /tile 5x16x.*left\[rowPanel\d* \* 368\]/],
  }),
  "a right operand of whole panels is read where it lies": () => ({
    kind: "contract",
    graph: product(50, 32, 70, "mk", "kn"),
    shows: [/\* x1\[.*\]/, /b32/],
    never: /kernel pack/,
  }),
};

for (const [name, make] of Object.entries(cases)) {
  test(name, () => {
    const { kind, graph, shows, never } = make();
    const clustering = wholeGraph(graph, kind);
    const text = lower(clustering.clusters[0]!, clustering.stored, largeTarget)
      .map(({ kernel }) => printKernel(kernel))
      .join("\n\n");
    for (const pattern of shows) assert.match(text, pattern);
    if (never !== undefined) assert.doesNotMatch(text, never);
    const random = seeded(11);
    const inputs = graph.inputs.map(({ shape, dtype }) => random.array(shape, dtype, -1, 1));
    const expected = interpret(graph, inputs);
    const actual = runClusters(graph, inputs, clustering, largeTarget, "backward");
    for (const [i, array] of actual.entries())
      assertClose(array, expected[i]!, { relative: 1e-4, absolute: 1e-4 }, name);
  });
}

test("nothing is written over a right operand that tiles read where it lies", () => {
  const [x, w] = [build.input("x", [32, 32], "f32"), build.input("w", [32, 32], "f32")];
  const graph = { inputs: [x, w], outputs: [build.contract(x, w, { a: ["m", "k"], b: ["k", "n"], out: ["m", "n"] })] };
  const { clusters, stored } = wholeGraph(graph, "contract");
  for (const { inPlace } of lower(clusters[0]!, stored, largeTarget)) assert.deepEqual(inPlace, []);
});

test("large values that vary inside their rows' statistics are written in the order of memory, by kernels of their own", () => {
  for (const [shape, axes, accepted] of [
    [[64, 64, 8], [0, 1], false], // statistics of the innermost axis
    [[8, 64, 64], [2], true], // statistics of leading axes
    [[2, 128, 128], [1, 2], false], // two rows cannot keep threads busy
    [[16, 16, 8], [0, 1], true], // too small to matter
  ] as const) {
    const x = build.input("x", shape, "f32");
    const total = build.reduce("sum", x, axes);
    const kept = shape.map((size, axis) => ((axes as readonly number[]).includes(axis) ? 1 : size));
    const graph = { inputs: [x], outputs: [mul(x, build.expand(build.reshape(total, kept), shape))] };
    const clustering = wholeGraph(graph);
    assert.equal(acceptsLoop(clustering.clusters[0]!, clustering.stored), accepted, shape.join("x"));
    const inputs = [seeded(3).array(shape, "f32", -1, 1)];
    const [actual] = runClusters(graph, inputs, clustering, largeTarget, "backward");
    assertClose(actual!, interpret(graph, inputs)[0]!, { relative: 1e-3, absolute: 1e-2 }, shape.join("x"));
  }
});

test("an epilogue joins a product whose right operand lies in memory", () => {
  const [x, w, b] = [
    build.input("x", [20, 30], "f32"),
    build.input("w", [30, 16], "f32"),
    build.input("b", [16], "f32"),
  ];
  const dot = build.contract(x, w, { a: ["m", "k"], b: ["k", "n"], out: ["m", "n"] });
  const graph = { inputs: [x, w, b], outputs: [add(dot, along(b, dot))] };
  const clustering = wholeGraph(graph, "contract");
  assert.equal(lower(clustering.clusters[0]!, clustering.stored, largeTarget).length, 1);
  const random = seeded(5);
  const inputs = graph.inputs.map(({ shape, dtype }) => random.array(shape, dtype, -1, 1));
  const [actual] = runClusters(graph, inputs, clustering, largeTarget);
  assertClose(actual!, interpret(graph, inputs)[0]!, { relative: 1e-4, absolute: 1e-4 }, "epilogue");
});
