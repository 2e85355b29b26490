import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { gradient } from "../../autodiff/index.ts";
import { kernelTarget } from "../../device/kernel/index.ts";
import { input } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { Program, Step } from "../../kernel/plan.ts";
import * as ops from "../../ops/index.ts";
import { compile } from "../compile.ts";
import { verifyPasses } from "../laws.ts";
import { program } from "../programs.test.data.ts";
import { assertEqualsReference } from "../running.test.data.ts";

before(() => verifyPasses(true));

const [length, features, units] = [5, 3, 6];

/** What a step is made of; all weights of the table are the same. */
interface Given {
  readonly h: Node;
  readonly c: Node;
  /** [rows, features] */
  readonly x: Node;
  /** [rows], bool */
  readonly mask: Node;
  /** [units], the same for all rows. */
  readonly shift: Node;
  readonly kernel: Node;
  /** [units, units] */
  readonly recurrent: Node;
  /** [units, 4 units] */
  readonly gates: Node;
  /** [rows, units, units] */
  readonly memory: Node;
}

interface Made {
  readonly h: Node;
  readonly c?: Node;
  readonly out?: readonly Node[];
}

type Body = (given: Given) => Made;

const sigmoid = ops.sigmoid;
const { add, mul, matmul, sub, tanh } = ops;
const ahead = ({ x, h, kernel, recurrent }: Given): Node => add(matmul(x, kernel), matmul(h, recurrent));
const scaled = (x: Node): Node =>
  ops.div(sub(x, ops.mean(x, -1, { keepDims: true })), add(ops.std(x, -1, { keepDims: true }), 0.5));

/** Name, body, and whether it runs as rows: no step mixes examples. */
const bodies: readonly (readonly [string, Body, boolean])[] = [
  ["a simple recurrence", (g) => ({ h: tanh(ahead(g)), out: [g.h] }), true],
  [
    "gates",
    (g) => {
      const [i, f, o, n] = ops.split(matmul(g.h, g.gates), 4, -1) as [Node, Node, Node, Node]; // four parts were asked for
      const c = add(mul(sigmoid(f), g.c), mul(sigmoid(i), tanh(add(n, matmul(g.x, g.kernel)))));
      return { h: mul(sigmoid(o), tanh(c)), c };
    },
    true,
  ],
  [
    "a mask keeps what was",
    (g) => {
      const mask = ops.expandDims(g.mask, -1);
      return { h: ops.where(mask, tanh(ahead(g)), g.h), c: ops.where(mask, add(g.c, 1), g.c), out: [g.c] };
    },
    true,
  ],
  ["a normalized state", (g) => ({ h: scaled(ahead(g)), out: [ops.max(g.h, -1)] }), true],
  ["softmax over units", (g) => ({ h: matmul(ops.softmax(ahead(g)), g.recurrent) }), true],
  [
    "a memory of each row",
    (g) => ({ h: tanh(ops.einsum("bu,buv->bv", add(g.h, matmul(g.x, g.kernel)), g.memory)) }),
    true,
  ],
  ["states that change places", (g) => ({ h: g.c, c: tanh(ahead(g)), out: [g.h, g.c] }), true],
  [
    "what is the same for all rows",
    (g) => ({ h: add(tanh(ahead(g)), ops.exp(g.shift)), out: [ops.exp(g.shift)] }),
    true,
  ],
  ["sums along the units", (g) => ({ h: tanh(ops.cumsum(ahead(g), -1)), out: [ops.flip(g.h, 1)] }), true],
  ["sorted units", (g) => ({ h: tanh(ahead(g)), out: [ops.argsort(g.h, -1)] }), true],
  [
    "units in two groups",
    (g) => ({ h: ops.reshape(scaled(ops.reshape(ahead(g), [-1, 2, units / 2])), [-1, units]) }),
    true,
  ],
  ["states the other way round", (g) => ({ h: ops.transpose(tanh(ops.transpose(ahead(g)))) }), true],
  ["a deep step", (g) => ({ h: tanh(matmul(ops.relu(matmul(ahead(g), g.gates)), ops.transpose(g.gates))) }), true],
  [
    "joined with the input",
    (g) => ({ h: tanh(matmul(ops.concatenate([g.h, g.x], -1), ops.concatenate([g.recurrent, g.kernel], 0))) }),
    true,
  ],
  ["rows that mix", (g) => ({ h: tanh(sub(ahead(g), ops.mean(g.h, 0, { keepDims: true }))) }), false],
  ["rows that change places", (g) => ({ h: tanh(ops.flip(ahead(g), 0)) }), false],
];

function recurrence(name: string, body: Body, rows: number, reverse: boolean, differentiated: boolean): Program {
  const xs = input("xs", [rows, length, features], "f32");
  const start = input("start", [rows, units], "f32");
  const masks = input("masks", [length, rows], "f32");
  const shifts = input("shifts", [length, units], "f32");
  const kernel = input("kernel", [features, units], "f32");
  const recurrent = input("recurrent", [units, units], "f32");
  const gates = input("gates", [units, 4 * units], "f32");
  const memory = input("memory", [rows, units, units], "f32");
  const { carry, out } = ops.scan(
    ([h, c], [x, m, shift]) => {
      const given = { h: h!, c: c!, x: x!, mask: m!, shift: shift!, kernel, recurrent, gates, memory };
      const made = body(given);
      return { carry: [made.h, made.c ?? given.c], out: made.out ?? [made.h] };
    },
    [start, ops.zeros([rows, units])],
    [ops.transpose(xs, [1, 0, 2]), ops.greater(masks, 0), shifts],
    { reverse },
  );
  const results = [...carry, ...out];
  const inputs = [xs, start, masks, shifts, kernel, recurrent, gates, memory];
  const loss = results
    .filter(({ dtype }) => dtype === "f32")
    .map((result) => ops.mean(ops.square(result)))
    .reduce((a, b) => add(a, b));
  const slopes = differentiated ? gradient(loss, inputs) : [];
  return program(name, inputs, [...results, ...slopes]);
}

const loopsIn = (steps: readonly Step[]): number => steps.filter(({ kind }) => kind === "loop").length;

const blocksOfRows: Readonly<Record<number, readonly string[]>> = { 10: ["rows5"], 13: ["rows4", "rows1"] };

describe("loops equal the reference, and run as rows where no step mixes them", () => {
  // One row, one block, equal blocks, and a rest.
  for (const rows of [1, 3, 10, 13]) {
    for (const [name, body, asRows] of bodies) {
      test(`${name}, ${rows} rows`, async () => {
        for (const differentiated of [false, true]) {
          const made = recurrence(name, body, rows, rows === 10, differentiated);
          await assertEqualsReference(made, {});
          await assertEqualsReference(made, { order: "backward" });
          const { steps, kernels } = compile(made, kernelTarget);
          assert.equal(loopsIn(steps), 0);
          if (differentiated || rows < 10) continue;
          const blocks = kernels.filter((kernel) => kernel.name.startsWith("scan_"));
          assert.deepEqual(
            blocks.map((kernel) => kernel.name.split("_")[2]),
            asRows ? blocksOfRows[rows] : ["whole"],
          );
        }
      });
    }
  }
});
