import assert from "node:assert/strict";
import { test } from "node:test";
import * as build from "../../graph/build.ts";
import type { Graph, Node } from "../../graph/node.ts";
import { structureOf } from "../../kernel/key.ts";
import { interpret } from "../../reference/interpret.ts";
import { type Random, seeded } from "../../reference/samples/sample.ts";
import { assertClose } from "../../reference/samples.ts";
import { acceptsLoop, lower } from "../lower.ts";
import {
  type Clustering,
  everyNode,
  largeTarget,
  runClusters,
  smallTarget,
  viewsInside,
  wholeGraph,
} from "./testing.ts";

const { add, mul } = {
  add: (x: Node, y: Node) => build.binary("add", x, y),
  mul: (x: Node, y: Node) => build.binary("mul", x, y),
};

/** Random choices for one graph. */
class Choice {
  readonly random: Random;
  constructor(random: Random) {
    this.random = random;
  }
  whole(low: number, high: number): number {
    return low + Math.floor(this.random.next() * (high - low + 1));
  }
  chance(probability: number): boolean {
    return this.random.next() < probability;
  }
  of<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)]!;
  }
}

const tolerance = { relative: 1e-4, absolute: 1e-3 };

/** Runs the clusterings on both targets and compares; in-place pairs are checked on the way. */
function check(graph: Graph, random: Random, clusterings: readonly Clustering[], what: string): void {
  const inputs = graph.inputs.map(({ shape, dtype }) => random.array(shape, dtype, -1, 1));
  const expected = interpret(graph, inputs);
  for (const target of [smallTarget, largeTarget]) {
    for (const clustering of clusterings) {
      const actual = runClusters(graph, inputs, clustering, target, "backward");
      for (const [i, array] of actual.entries()) assertClose(array, expected[i]!, tolerance, `${what}, output ${i}`);
    }
  }
}

test("contractions of any size, layout and epilogue equal the reference", () => {
  const choice = new Choice(seeded(5));
  for (let round = 0; round < 60; round++) {
    const [b, m, n, k] = [choice.whole(1, 3), choice.whole(1, 40), choice.whole(1, 40), choice.whole(1, 60)];
    const [left, right] = [choice.of(["bmk", "bkm", "mkb"]), choice.of(["bkn", "bnk"])];
    const out = choice.of(["bmn", "bnm", "mbn"]);
    const sizes: Readonly<Record<string, number>> = { b, m, n, k };
    const shapeOf = (labels: string): number[] => [...labels].map((label) => sizes[label]!);
    const inputs = [left, right, "bmn"].map((labels, i) => build.input(`x${i}`, shapeOf(labels), "f32")) as [
      Node<"input">,
      Node<"input">,
      Node<"input">,
    ];
    const [x, w, residual] = inputs;
    const product = build.contract(choice.chance(0.3) ? build.unary("neg", x) : x, w, {
      a: [...left],
      b: [...right],
      out: [...out],
    });
    const outputs: Node[] = [];
    let y = build.permute(
      product,
      [..."bmn"].map((label) => out.indexOf(label)),
    );
    if (choice.chance(0.5)) outputs.push(product);
    if (choice.chance(0.7)) {
      y = add(y, residual);
      outputs.push(y);
    }
    if (choice.chance(0.4)) {
      y = build.unary("tanh", build.reshape(y, [b * m, n]));
      outputs.push(y);
    }
    if (choice.chance(0.3)) outputs.push(build.reduce("sum", y, [y.shape.length - 1]));
    if (choice.chance(0.3))
      outputs.push(
        build.permute(
          y,
          y.shape.map((_, axis) => y.shape.length - 1 - axis),
        ),
      );
    if (choice.chance(0.2))
      outputs.push(
        build.slice(
          y,
          y.shape.map(() => 0),
          y.shape.map((size) => Math.ceil(size / 2)),
        ),
      );
    if (outputs.length === 0) outputs.push(y);
    const graph = { inputs, outputs };
    check(
      graph,
      choice.random,
      [wholeGraph(graph, "contract"), wholeGraph(graph)],
      `${left},${right}->${out} of ${m}×${n}×${k}`,
    );
  }
});

test("convolutions of any stride, dilation, spread, padding and epilogue equal the reference", () => {
  const choice = new Choice(seeded(6));
  for (let round = 0; round < 60; round++) {
    const rank = choice.whole(1, 2);
    const spatial = Array.from({ length: rank }, () => choice.whole(3, rank === 1 ? 40 : 12));
    const [n, groups, channels, features] = [
      choice.whole(1, 3),
      choice.of([1, 1, 2]),
      choice.whole(1, 9),
      choice.whole(1, 20),
    ];
    const each = (highest: number): number[] => spatial.map(() => (choice.chance(0.4) ? choice.whole(1, highest) : 1));
    const [stride, dilation, spread] = [each(3), each(2), each(3)] as const;
    const pad = spatial.map(() => [choice.whole(0, 2), choice.whole(0, 2)] as const);
    const window = spatial.map((size) => Math.min(choice.whole(1, 4), Math.ceil(size / 2)));
    const inputs = [
      build.input("x", [n, ...spatial, groups, channels], "f32"),
      build.input("w", [...window, groups, channels, features], "f32"),
      build.input("bias", [features], "f32"),
    ] as [Node<"input">, Node<"input">, Node<"input">];
    const product = build.conv(inputs[0], inputs[1], { stride, dilation, spread, pad });
    const ones = product.shape.map((_, axis) => (axis === product.shape.length - 1 ? features : 1));
    let y = add(product, build.expand(build.reshape(inputs[2], ones), product.shape));
    if (choice.chance(0.5)) y = build.reshape(y, [...product.shape.slice(0, -2), groups * features]);
    if (choice.chance(0.5))
      y = build.permute(
        y,
        y.shape.map((_, axis) => (axis + 1) % y.shape.length),
      );
    const graph = { inputs, outputs: choice.chance(0.3) ? [y, product] : [y] };
    const what = `${inputs[0].shape} * ${inputs[1].shape} stride ${stride} dilation ${dilation} spread ${spread} pad ${pad}`;
    check(graph, choice.random, [wholeGraph(graph, "contract"), wholeGraph(graph)], what);
  }
});

test("any mixture of maps, views and reductions in one cluster equals the reference", () => {
  const choice = new Choice(seeded(8));
  for (let round = 0; round < 150; round++) {
    const shape = Array.from({ length: choice.whole(1, 3) }, () => choice.of([1, 2, 3, 5, 7, 18]));
    const inputs = [build.input("x", shape, "f32"), build.input("y", shape, "f32")];
    const pool: Node[] = [...inputs];
    for (let step = choice.whole(3, 9); step > 0; step--) pool.push(...grow(choice, pool));
    const outputs = [...new Set([pool.at(-1)!, choice.of(pool), choice.of(pool)])].filter(({ op }) => op !== "input");
    if (outputs.length === 0) continue;
    const graph = { inputs, outputs };
    check(
      graph,
      choice.random,
      [wholeGraph(graph), viewsInside(graph), everyNode(graph)],
      pool.map(({ op }) => op).join(" "),
    );
  }
});

/** A few more nodes on top of those in `pool`. */
function grow(choice: Choice, pool: readonly Node[]): readonly Node[] {
  const x = choice.of(pool);
  const rank = x.shape.length;
  const twice = x.shape.map((size) => size * 2);
  const axes = x.shape.map((_, axis) => axis).filter(() => choice.chance(0.5));
  switch (choice.whole(0, rank === 0 ? 1 : 7)) {
    case 0:
      return [
        build.binary(
          choice.of(["add", "mul", "max"]),
          x,
          choice.of(pool.filter(({ shape }) => shape.join() === x.shape.join())),
        ),
      ];
    case 1:
      return [build.unary(choice.of(["tanh", "neg", "sin"]), x)];
    case 2:
    case 3: {
      const reduced = build.reduce(choice.of(["sum", "max", "min"]), x, axes.length === 0 ? [rank - 1] : axes);
      const kept = x.shape.map((size, axis) =>
        axes.includes(axis) || (axes.length === 0 && axis === rank - 1) ? 1 : size,
      );
      return [reduced, build.expand(build.reshape(reduced, kept), x.shape)];
    }
    case 4:
      return [
        build.permute(
          x,
          x.shape.map((_, axis) => (axis + 1) % rank),
        ),
        build.reshape(x, [x.shape.reduce((a, b) => a * b, 1)]),
      ];
    case 5: {
      const amounts = (): number[] => x.shape.map(() => choice.whole(0, 1));
      return [build.pad(x, { low: amounts(), high: amounts(), between: amounts(), value: choice.of([0, 1]) })];
    }
    case 6:
      return twice.reduce((a, b) => a * b, 1) > 3000 ? [] : [build.concat([x, x], choice.whole(0, rank - 1))];
    default:
      return [
        build.slice(
          x,
          x.shape.map((size) => size - 1),
          x.shape,
          x.shape.map(() => -1),
        ),
      ];
  }
}

test("elementwise kernels of equal structure differ only in their parameter", () => {
  const kernelOf = (shape: readonly number[]) => {
    const [x, y] = [build.input("x", shape, "f32"), build.input("y", shape, "f32")];
    const graph = { inputs: [x, y], outputs: [add(mul(x, build.fill(2, x)), y)] };
    const { clusters, stored } = wholeGraph(graph);
    return lower(clusters[0]!, stored, smallTarget)[0]!;
  };
  const [long, short, other] = [kernelOf([5, 7, 9]), kernelOf([100]), kernelOf([2, 3])];
  assert.equal(structureOf(long.kernel), structureOf(short.kernel));
  assert.equal(structureOf(long.kernel), structureOf(other.kernel));
  assert.deepEqual([long.params, short.params, other.params], [[315], [100], [6]]);
});

test("what one loop cluster accepts", () => {
  const x = build.input("x", [8, 20, 30], "f32");
  const rows = build.reduce("sum", x, [2]);
  const back = (value: Node): Node => build.expand(build.reshape(value, [8, 20, 1]), x.shape);
  const columns = build.reduce("sum", x, [1]);
  const cases: readonly (readonly [string, readonly Node[], boolean])[] = [
    ["a map", [build.unary("exp", x)], true],
    ["a row cluster", [mul(x, back(rows))], true],
    ["a row cluster and its rows", [mul(x, back(rows)), build.reduce("max", mul(x, back(rows)), [2])], true],
    ["reshaped rows", [build.reshape(rows, [160])], true],
    ["rows and columns", [rows, columns], false],
    ["a transposed result", [build.permute(rows, [1, 0])], false],
    ["a reduction of a reduction", [build.reduce("sum", rows, [1])], false],
  ];
  for (const [name, outputs, accepted] of cases) {
    const { clusters, stored } = wholeGraph({ inputs: [x], outputs });
    assert.equal(acceptsLoop(clusters[0]!, stored), accepted, name);
  }
});

test("norms of any shape equal the reference, and of arrays of any size they are the same kernels", () => {
  const choice = new Choice(seeded(7));
  const normOf = (shape: readonly number[], permuted: boolean): Graph => {
    const inputs = [build.input("g", shape, "f32"), build.input("limit", [], "f32")];
    const [g, limit] = inputs as [Node<"input">, Node<"input">]; // as made above
    const read = permuted
      ? build.permute(
          g,
          shape.map((_, axis) => shape.length - 1 - axis),
        )
      : g;
    const squares = build.reduce(
      "sum",
      mul(read, read),
      shape.map((_, axis) => axis),
    );
    return { inputs: [g, limit], outputs: [squares, mul(build.unary("sqrt", squares), limit)] };
  };
  const structures = new Set<string>();
  for (let round = 0; round < 40; round++) {
    const shape = Array.from({ length: choice.whole(1, 3) }, () => choice.whole(2, 30));
    const permuted = choice.chance(0.3);
    const graph = normOf(shape, permuted);
    const clustering = wholeGraph(graph, "norm");
    check(graph, choice.random, [clustering], `${permuted ? "permuted " : ""}${shape.join("x")}`);
    if (permuted) continue;
    const kernels = lower(clustering.clusters[0]!, clustering.stored, smallTarget);
    structures.add(kernels.map(({ kernel }) => structureOf(kernel)).join());
  }
  assert.equal(structures.size, 1);
});
