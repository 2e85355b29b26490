import { before, describe, test } from "node:test";
import { gradient } from "../../autodiff/index.ts";
import { range } from "../../base/shape.ts";
import { input } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { Program } from "../../kernel/plan.ts";
import * as ops from "../../ops/index.ts";
import { verifyPasses } from "../laws.ts";
import { program } from "../programs.test.data.ts";
import { assertEqualsReference } from "../running.test.data.ts";

before(() => verifyPasses(true));

const { add, matmul, mul, sigmoid, sub, tanh } = ops;

/** The same numbers below `count` for the same seed (xorshift; Marsaglia, 2003). */
function randomBelow(seed: number): (count: number) => number {
  let state = Math.imul(seed, 2654435761) >>> 0 || 1;
  return (count) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state % count;
  };
}

/** What the operations of a body may read besides states: one step of the sequences, and weights. */
interface Around {
  /** [rows, features] */
  readonly x: Node;
  /** [rows, 1], bool */
  readonly mask: Node;
  /** [units] */
  readonly shift: Node;
  readonly kernel: Node;
  readonly recurrent: Node;
  /** [units, 4 units] */
  readonly gates: Node;
  /** [rows, 3, units] */
  readonly memory: Node;
}

type Operation = (a: Node, b: Node, around: Around) => Node;

/** Operations from states [rows, units] to a state. */
const operations: readonly Operation[] = [
  (a, b) => add(a, b),
  (a, b) => mul(tanh(a), b),
  (a, b) => ops.div(a, add(1, ops.square(b))),
  (a, _, { recurrent }) => tanh(matmul(a, recurrent)),
  (a, _, { recurrent }) => tanh(matmul(a, ops.transpose(recurrent))),
  (a, _, { recurrent }) => matmul(mul(matmul(a, recurrent), 0.3), matmul(recurrent, recurrent)),
  (a, b, { mask }) => ops.where(mask, a, b),
  (a) => ops.softmax(a),
  (a) => sub(a, ops.max(a, -1, { keepDims: true })),
  (a) => tanh(ops.cumsum(a, -1)),
  (a) => ops.transpose(tanh(ops.transpose(a))),
  (a, _, { shift }) => add(a, ops.exp(mul(shift, 0.1))),
  (a) => ops.flip(a, 1),
  (a, _, { gates }) => {
    const [i, f, o, n] = ops.split(matmul(a, gates), 4, -1) as [Node, Node, Node, Node]; // four parts were asked for
    return add(mul(sigmoid(i), f), mul(sigmoid(o), tanh(n)));
  },
  (a, _, { memory }) => ops.einsum("bs,bsu->bu", ops.softmax(ops.einsum("bu,bsu->bs", a, memory)), memory),
  (a, _, { x, kernel, recurrent }) =>
    tanh(matmul(ops.concatenate([a, x], -1), ops.concatenate([recurrent, kernel], 0))),
  (a, b) => ops.concatenate([ops.split(a, 2, -1)[1]!, ops.split(b, 2, -1)[0]!], -1),
  (a) => sub(a, mul(0.1, ops.mean(a, 0, { keepDims: true }))),
];

/** A loop whose body the seed chose, with the gradients of all that it reads. */
function randomLoop(seed: number): Program {
  const below = randomBelow(seed);
  const one = <T>(values: readonly T[]): T => values[below(values.length)]!;
  const [rows, units, features, length] = [one([1, 2, 5, 8, 13, 16]), one([2, 4, 16]), one([1, 3]), one([1, 2, 4])];
  const named = (name: string, ...shape: number[]): Node<"input"> => input(name, shape, "f32");
  const inputs = [
    named("xs", length, rows, features),
    named("masks", length, rows, 1),
    named("shifts", length, units),
    named("start", rows, units),
    named("kernel", features, units),
    named("recurrent", units, units),
    named("gates", units, 4 * units),
    named("memory", rows, 3, units),
  ] as const;
  const [xs, masks, shifts, start, kernel, recurrent, gates, memory] = inputs;
  const { carry, out } = ops.scan(
    (states, [x, mask, shift]) => {
      const around = { x: x!, mask: mask!, shift: shift!, kernel, recurrent, gates, memory };
      const values = [...states, matmul(x!, kernel)];
      for (let count = 2 + below(5); count > 0; count--) values.push(one(operations)(one(values), one(values), around));
      const next = states.map((state) => (below(4) === 0 ? state : tanh(one(values.slice(-3)))));
      return { carry: next, out: range(below(3)).map(() => one([...values, ops.sum(values.at(-1)!, -1)])) };
    },
    [start, one([start, ops.zeros([rows, units])])],
    [xs, ops.greater(masks, 0), shifts],
    { reverse: below(2) === 0 },
  );
  const results = [...carry, ...out];
  const loss = results.map((result) => ops.mean(ops.square(result))).reduce((a, b) => add(a, b));
  return program(`random loop ${seed}`, inputs, [...results, ...gradient(loss, inputs)]);
}

describe("random loops and their derivatives equal the reference", () => {
  for (const seed of range(48)) {
    test(`seed ${seed}`, () => assertEqualsReference(randomLoop(seed + 1), {}, { relative: 1e-3, absolute: 1e-4 }));
  }
});
