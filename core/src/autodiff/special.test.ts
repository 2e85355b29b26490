import assert from "node:assert/strict";
import { test } from "node:test";
import { range } from "../base/shape.ts";
import { build, type Node } from "../graph/index.ts";
import { evaluate, hostArray } from "../reference/index.ts";
import { checkGradient, sample } from "./check.ts";
import { gradient } from "./gradient.ts";
import { keep, mul, scale, sum, zeros } from "./terms.ts";

// Points where the mathematics leaves a choice, or where a careless formula gives NaN.

type Values = readonly number[];

/** The gradients of the sum of `fn` at `inputs`, f32 vectors or matrices. */
function gradients(fn: (...xs: Node[]) => Node, ...inputs: (Values | readonly Values[])[]): number[][] {
  const arrays = inputs.map((values) => {
    const flat = values.flat();
    const shape = Array.isArray(values[0]) ? [values.length, flat.length / values.length] : [values.length];
    return hostArray(shape, "f32", flat);
  });
  const nodes = arrays.map(({ shape }, index) => build.input(`x${index}`, shape, "f32"));
  const y = fn(...nodes);
  const found = gradient(sum(y, range(y.shape.length)), nodes);
  return evaluate(found, new Map(nodes.map((node, index) => [node, arrays[index]!]))).map(({ data }) =>
    [...data].map((x) => x + 0),
  );
}

/** What each case says, and the gradients of its inputs. */
const cases: readonly (readonly [law: string, found: () => number[][], expected: number[][]])[] = [
  [
    "max: a tie gives half to each",
    () => gradients((x, y) => build.binary("max", x!, y!), [1, 2, 3], [2, 2, 2]),
    [
      [0, 0.5, 1],
      [1, 0.5, 0],
    ],
  ],
  [
    "min: a tie gives half to each",
    () => gradients((x, y) => build.binary("min", x!, y!), [1, 2, 3], [2, 2, 2]),
    [
      [1, 0.5, 0],
      [0, 0.5, 1],
    ],
  ],
  ["max of a value with itself: all of it", () => gradients((x) => build.binary("max", x!, x!), [1, -1]), [[1, 1]]],
  [
    "reduce max: ties share equally",
    () =>
      gradients(
        (x) => build.reduce("max", x!, [1]),
        [
          [3, 1, 3],
          [0, 0, 0],
        ],
      ),
    [[1 / 2, 0, 1 / 2, 1 / 3, 1 / 3, 1 / 3]],
  ],
  [
    "reduce min: ties share equally",
    () =>
      gradients(
        (x) => build.reduce("min", x!, [0]),
        [
          [3, 1],
          [3, 0],
        ],
      ),
    [[1 / 2, 0, 1 / 2, 1]],
  ],
  [
    "reduce max: infinities tie too",
    () => gradients((x) => build.reduce("max", x!, [0]), [-Infinity, -Infinity]),
    [[0.5, 0.5]],
  ],
  ["prod: no zero", () => gradients((x) => build.reduce("prod", x!, [0]), [2, 3, 4]), [[12, 8, 6]]],
  ["prod: one zero", () => gradients((x) => build.reduce("prod", x!, [0]), [2, 0, 4, 5, 1]), [[0, 40, 0, 0, 0]]],
  ["prod: two zeros", () => gradients((x) => build.reduce("prod", x!, [0]), [2, 0, 4, 0]), [[0, 0, 0, 0]]],
  ["prod: of one element", () => gradients((x) => build.reduce("prod", x!, [1]), [[0], [3]]), [[1, 1]]],
  [
    "where: the side not chosen gets nothing, even from NaN",
    () => gradients((x) => build.where(build.compare("lt", zeros(x!), x!), x!, build.unary("exp", x!)), [1, 2]),
    [[1, 1]],
  ],
  ["sqrt at 0 is infinite", () => gradients((x) => build.unary("sqrt", x!), [0, 4]), [[Infinity, 0.25]]],
  ["norm at 0, guarded by where, is 0", () => gradients(norm, [0, 0]), [[0, 0]]],
  ["norm elsewhere", () => gradients(norm, [3, 4]), [[0.6, 0.8]]],
  ["pow: x² at 0", () => gradients((x) => build.binary("pow", x!, build.fill(2, x!)), [0, -3]), [[0, -6]]],
  ["pow: x¹ at 0", () => gradients((x) => build.binary("pow", x!, build.fill(1, x!)), [0, -3]), [[1, 1]]],
  [
    "pow: x⁰ is flat, at 0 too",
    () => gradients((x) => build.binary("pow", x!, build.fill(0, x!)), [0, -3, 2]),
    [[0, 0, 0]],
  ],
  [
    "pow: with respect to the exponent, 0 at base 0",
    () => gradients((x, y) => build.binary("pow", x!, y!), [0, 0, 1, Math.E], [0, 2, 5, 1]).slice(1),
    [[0, 0, 0, Math.E]],
  ],
  ["pow: √x at 0 is infinite", () => gradients((x) => build.binary("pow", x!, build.fill(0.5, x!)), [0]), [[Infinity]]],
  [
    "cumulative max: the first of equal maxima",
    () => gradients((x) => build.cumulative("max", x!, 0), [1, 3, 3, 2, 5]),
    [[1, 3, 0, 0, 1]],
  ],
  [
    "cumulative max, reverse: the first it meets, from the end",
    () => gradients((x) => build.cumulative("max", x!, 0, true), [1, 3, 3, 2, 1]),
    [[0, 0, 3, 1, 1]],
  ],
  [
    "cumulative max of negative numbers starts at the first",
    () =>
      gradients(
        (x) => build.cumulative("max", x!, 1),
        [
          [-5, -6],
          [-2, -1],
        ],
      ),
    [[2, 0, 1, 1]],
  ],
  [
    "scatter set: the last of equal indices wins",
    () => gradients((x, u) => build.scatter("set", x!, indices, scale(u!, 2), 0), [1, 2, 3], [4, 5, 6, 7]),
    [
      [1, 0, 0],
      [0, 2, 2, 0],
    ],
  ],
  [
    "scatter max: base and updates that tie share equally",
    () => gradients((x, u) => build.scatter("max", x!, indices, u!, 0), [1, 6, 9], [6, 8, 6, 7]),
    [
      [1, 1 / 3, 1],
      [1 / 3, 0, 1 / 3, 0],
    ],
  ],
];

/** Updates go to 1, 2, 1, and outside. */
const indices = tableOf([1, 2, 1, 7]);
function tableOf(values: Values): Node {
  return build.concat(
    values.map((value) => build.fill(value, { shape: [1], dtype: "i32" })),
    0,
  );
}

function norm(x?: Node): Node {
  const total = sum(mul(x!, x!), [0]);
  const isZero = build.compare("eq", total, zeros(total));
  const safe = build.where(isZero, build.fill(1, total), total);
  return build.where(isZero, zeros(total), build.unary("sqrt", safe));
}

for (const [law, found, expected] of cases) {
  test(law, () => {
    const actual = found();
    assert.equal(actual.length, expected.length);
    for (const [index, row] of actual.entries()) {
      assert.equal(row.length, expected[index]!.length);
      for (const [i, x] of row.entries()) {
        const wanted = expected[index]![i]!;
        assert.ok(Object.is(x, wanted) || Math.abs(x - wanted) < 1e-12, `${row} is not ${expected[index]}`);
      }
    }
  });
}

for (const zerosAt of [[], [1], [1, 3], [0, 2, 4]]) {
  test(`prod with zeros at [${zerosAt}]: first and second order are exact`, () => {
    const x = sample([5, 2], 0.5, 1.5);
    const data = x.data.map((value, index) => (index % 2 === 0 && zerosAt.includes(index / 2) ? 0 : value));
    for (const order of [1, 2] as const)
      checkGradient((node) => build.reduce("prod", node!, [0]), [{ ...x, data }], { order });
  });
}

test("prod: the third derivative at three zeros is the product of the rest", () => {
  const x = build.input("x", [4], "f32");
  const at = (node: Node, index: number): Node => build.reshape(build.slice(node, [index], [1]), []);
  let y = build.reduce("prod", x, [0]);
  for (const index of [0, 1, 2]) y = at(gradient(y, [x])[0]!, index);
  assert.equal(evaluate([y], new Map([[x, hostArray([4], "f32", [0, 0, 0, 7])]]))[0]!.data[0], 7);
});

test("x³ by pow: derivatives of every order at 0, and then 0", () => {
  const x = build.input("x", [], "f32");
  let y = build.binary("pow", x, build.constant(3));
  const values = range(5).map(() => {
    [y] = gradient(y, [x]) as [Node];
    return evaluate([y], new Map([[x, hostArray([], "f32", [0])]]))[0]!.data[0];
  });
  assert.deepEqual(values, [0, 0, 6, 0, 0]);
});

test("NaN goes through max without touching its neighbours", () => {
  const [g] = gradients(
    (x) => mul(build.binary("max", x!, zeros(x!)), keep(build.compare("lt", zeros(x!), x!), x!)),
    [Number.NaN, 2],
  );
  assert.equal(g![1], 4);
});

test("conv of padding alone, or of no examples", () => {
  for (const shape of [
    [2, 0, 1, 1],
    [0, 4, 1, 1],
  ]) {
    const [x, w] = [build.input("x", shape, "f32"), build.input("w", [2, 1, 1, 1], "f32")];
    const y = build.conv(x, w, { stride: [1], dilation: [1], spread: [1], pad: [[2, 2]] });
    const [gx, gw] = gradient(sum(y, range(4)), [x, w]);
    assert.deepEqual(gx!.shape, shape);
    assert.deepEqual([...evaluate([gw!])[0]!.data], [0, 0]);
  }
});

test("empty arrays have empty gradients", () => {
  for (const fn of [
    (x: Node) => build.reduce("prod", x, [1]),
    (x: Node) => build.cumulative("max", x, 1),
    (x: Node) => build.slice(x, [0, 0], [3, 0]),
    (x: Node) => build.pad(x, { low: [0, 2], high: [0, 1], between: [0, 0], value: 0 }),
  ]) {
    const x = build.input("x", [3, 0], "f32");
    const y = fn(x);
    const [g] = gradient(sum(y, range(y.shape.length)), [x]);
    assert.deepEqual(evaluate([g!], new Map([[x, hostArray([3, 0], "f32", [])]]))[0]!.shape, [3, 0]);
  }
});
