import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { kernelTarget } from "../device/kernel/index.ts";
import { binary, cast, contract, conv, expand, fill, input, reduce, unary } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import type { Program } from "../kernel/plan.ts";
import * as ops from "../ops/index.ts";
import { compileStages } from "./compile.ts";
import { clusterText } from "./print.ts";
import * as programs from "./programs.test.data.ts";

/** What each cluster computes, one line a cluster. */
function clustersOf(program: Program): string[] {
  return compileStages(program, { ...kernelTarget, elementsPerTask: 4096 }).region.clusters.map(clusterText);
}

const of = (...outputs: Node[]): Program => {
  const inputs = new Set<Node<"input">>();
  const visit = (node: Node): void => {
    // An input is its own op; the union of node types hides that.
    if (node.op === "input") inputs.add(node as Node<"input">);
    node.inputs.forEach(visit);
  };
  outputs.forEach(visit);
  return programs.program("test", [...inputs], outputs);
};

const x = input("x", [64, 32], "f32");
const w = input("w", [32, 48], "f32");
const matmul = (a: Node, b: Node): Node => contract(a, b, { a: ["r", "k"], b: ["k", "c"], out: ["r", "c"] });
const product = "contract{a: [r, k], b: [k, c], out: [r, c]}";

const rows: Readonly<Record<string, readonly [Program, readonly string[]]>> = {
  "bias and relu join the contraction": [
    programs.denseRelu(),
    ["contract: contract{a: [row, inner], b: [inner, column], out: [row, column]} → add → max ⇒ f32 [32, 128]"],
  ],
  "softmax is one kernel": [
    programs.softmaxProgram(),
    [
      "loop: reduce{reduce: max, axes: [1]} → max → neg → add → exp → reduce{reduce: sum, axes: [1]} → max → div ⇒ f32 [32, 10]",
    ],
  ],
  "a chain of maps is one kernel": [
    of(unary("exp", unary("neg", unary("tanh", x)))),
    ["loop: tanh → neg → exp ⇒ f32 [64, 32]"],
  ],
  "maps that share inputs and size are one kernel with several results": [
    (() => {
      const e = unary("exp", x);
      return of(binary("add", e, x), binary("mul", e, x));
    })(),
    ["loop: exp → add → mul ⇒ f32 [64, 32], f32 [64, 32]"],
  ],
  "the raw result of a contraction is stored as well when it is read elsewhere": [
    (() => {
      const z = matmul(x, w);
      return of(unary("tanh", z), z);
    })(),
    [`contract: ${product} → tanh ⇒ f32 [64, 48], f32 [64, 48]`],
  ],
  "and alone, when rows that read it can compute the rest again": [
    (() => {
      const g = matmul(x, w);
      const y = input("y", [64, 48], "f32");
      const scaled = ops.mul(g, input("scale", [48], "f32"));
      const along = (node: Node): Node => ops.mean(node, 1, { keepDims: true });
      return of(ops.sub(ops.sub(scaled, along(scaled)), ops.mul(y, along(ops.mul(scaled, y)))), reduce("sum", g, [0]));
    })(),
    [
      `contract: ${product} ⇒ f32 [64, 48]`,
      "loop: mul → reduce{reduce: sum, axes: [1]} → div → mul → reduce{reduce: sum, axes: [1]} → neg → add → div → mul → neg → add ⇒ f32 [64, 48]",
      "loop: reduce{reduce: sum, axes: [0]} ⇒ f32 [48]",
    ],
  ],
  "a cheap prologue joins the contraction": [
    of(matmul(cast(input("n", [64, 32], "u8"), "f32"), w)),
    [`contract: cast → ${product} ⇒ f32 [64, 48]`],
  ],
  "a dear prologue does not": [
    of(matmul(unary("exp", x), w)),
    ["loop: exp ⇒ f32 [64, 32]", `contract: ${product} ⇒ f32 [64, 48]`],
  ],
  "nor one that a window would read nine times": [
    of(
      conv(
        binary("mul", input("i", [2, 9, 9, 1, 3], "f32"), fill(0.5, { shape: [2, 9, 9, 1, 3], dtype: "f32" })),
        input("k", [3, 3, 1, 3, 4], "f32"),
        {
          stride: [1, 1],
          dilation: [1, 1],
          spread: [1, 1],
          pad: [
            [0, 0],
            [0, 0],
          ],
        },
      ),
    ),
    [
      "loop: mul ⇒ f32 [2, 9, 9, 1, 3]",
      "contract: conv{stride: [1, 1], dilation: [1, 1], spread: [1, 1], pad: [[0, 0], [0, 0]]} ⇒ f32 [2, 7, 7, 1, 4]",
    ],
  ],
  "two contractions are two kernels": [
    of(matmul(matmul(x, w), input("v", [48, 16], "f32"))),
    [`contract: ${product} ⇒ f32 [64, 48]`, `contract: ${product} ⇒ f32 [64, 16]`],
  ],
  "a dear value is stored before it is repeated": [
    (() => {
      const s = unary("exp", input("s", [64, 1], "f32"));
      return of(binary("mul", expand(s, [64, 32]), x));
    })(),
    ["loop: exp ⇒ f32 [64, 1]", "loop: mul ⇒ f32 [64, 32]"],
  ],
  "maps join the reduction that reads them, and what follows it": [
    of(unary("sqrt", reduce("sum", binary("mul", x, x), [1]))),
    ["loop: mul → reduce{reduce: sum, axes: [1]} → sqrt ⇒ f32 [64]"],
  ],
  "layer normalisation is one kernel": [
    (() => {
      const centred = ops.sub(x, ops.mean(x, 1, { keepDims: true }));
      return of(ops.div(centred, ops.sqrt(ops.add(ops.mean(ops.mul(centred, centred), 1, { keepDims: true }), 1e-5))));
    })(),
    [
      "loop: reduce{reduce: sum, axes: [1]} → mul → neg → add → mul → reduce{reduce: sum, axes: [1]} → mul → add → sqrt → div ⇒ f32 [64, 32]",
    ],
  ],
  "a mask is computed again from what is stored": [
    (() => {
      const h = binary("max", matmul(x, w), fill(0, { shape: [64, 48], dtype: "f32" }));
      const g = matmul(x, unary("neg", w));
      return of(h, ops.where(ops.greater(h, 0), ops.add(g, ops.sum(h)), 0));
    })(),
    [
      `contract: ${product} → max ⇒ f32 [64, 48]`,
      `contract: neg → ${product} → add → compare → where ⇒ f32 [64, 48]`,
      "loop: reduce{reduce: sum, axes: [0, 1]} ⇒ f32 []",
    ],
  ],
};

describe("fusion", () => {
  for (const [name, [program, expected]] of Object.entries(rows))
    test(name, () => assert.deepEqual(clustersOf(program), expected));

  test("every boundary has a reason", () => {
    for (const { reason } of compileStages(programs.convStep(), kernelTarget).region.clusters)
      assert.notEqual(reason, "");
  });

  test("cross-entropy goes forward and backward in one kernel", () => {
    const clusters = clustersOf(programs.mlpStep());
    assert.equal(clusters.filter((text) => text.includes("exp")).length, 1);
  });

  const counts: readonly (readonly [Program, number, number])[] = [
    [programs.mlpStep(), 14, 11],
    [programs.convStep(), 17, 14],
    [programs.batchNormStep({ batch: 16, size: 16 }), 17, 16],
    [programs.batchNormStep(), 6, 5],
    [programs.adamProgram([[3], [4, 5]]), 3, 2],
  ];
  for (const [program, clusters, launches] of counts) {
    test(`${program.name} is ${clusters} clusters in ${launches} launches`, () => {
      const { region, block } = compileStages(program, { ...kernelTarget, elementsPerTask: 4096 });
      assert.deepEqual([region.clusters.length, block.works.length], [clusters, launches]);
    });
  }
});
