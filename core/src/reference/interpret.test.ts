import assert from "node:assert/strict";
import { test } from "node:test";
import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import * as build from "../graph/build.ts";
import type { Graph, Node } from "../graph/node.ts";
import type { Op } from "../graph/primitives.ts";
import { type HostArray, hostArray } from "./hostArray.ts";
import { evaluate, interpret } from "./interpret.ts";
import { threefry } from "./random.ts";

const { Infinity: inf, NaN: nan } = globalThis;

/** A node bound to values, for tests that read like a formula. */
const bound = new Map<Node, HostArray>();
function given(values: readonly number[], shape: Shape = [values.length], dtype: DType = "f32"): Node {
  const node = build.input("x", shape, dtype);
  bound.set(node, hostArray(shape, dtype, values));
  return node;
}
const ints = (values: readonly number[], shape?: Shape, dtype: DType = "i32"): Node => given(values, shape, dtype);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const i8 = (values: readonly number[]): Node => ints(values, undefined, "i8");
const u8 = (values: readonly number[]): Node => ints(values, undefined, "u8");
const u32 = (values: readonly number[]): Node => ints(values, undefined, "u32");
const bool = (values: readonly number[]): Node => ints(values, undefined, "bool");

const doubling: Graph = (() => {
  const x = build.input("x", [], "f32");
  return { inputs: [x], outputs: [build.binary("add", x, x)] };
})();
const negating: Graph = (() => {
  const x = build.input("x", [], "f32");
  return { inputs: [x], outputs: [build.unary("neg", x)] };
})();
/** carry' = carry·factor + step; result = carry' − step. */
const recurrence: Graph = (() => {
  const [carry, step, factor] = ["carry", "step", "factor"].map((name) => build.input(name, [], "f32")) as [
    Node<"input">,
    Node<"input">,
    Node<"input">,
  ];
  const next = build.binary("add", build.binary("mul", carry, factor), step);
  return { inputs: [carry, step, factor], outputs: [next, build.binary("add", next, build.unary("neg", step))] };
})();
const loop = (reverse: boolean): Node[] =>
  build.scan([given([1], []), given([1, 2, 3]), given([10], [])], {
    body: recurrence,
    length: 3,
    carries: 1,
    sequences: 1,
    reverse,
  });

type Golden = readonly [expression: () => Node, expected: readonly number[]];

/** Values known by hand, by NumPy 1.24, or from published tables; every primitive has at least one. */
const goldens: { readonly [K in Op]: readonly Golden[] } = {
  input: [[() => given([1.5]), [1.5]]],
  const: [
    [() => build.constant(2.5), [2.5]],
    [() => build.constant(1, "bool"), [1]],
  ],
  iota: [
    [() => build.iota([2, 3], 1), [0, 1, 2, 0, 1, 2]],
    [() => build.iota([2, 3], 0, "f32"), [0, 0, 0, 1, 1, 1]],
    [() => build.slice(build.iota([260], 0, "i8"), [127], [3]), [127, -128, -127]],
  ],
  randomBits: [[() => build.randomBits(u32([0, 0]), [1]), [0x6b200159 ^ 0x99ba4efe].map((bits) => bits >>> 0)]],

  neg: [
    [() => build.unary("neg", given([1, -2, inf])), [-1, 2, -inf]],
    [() => build.unary("neg", i8([-128, 0])), [-128, 0]],
    [() => build.unary("neg", u32([1])), [4294967295]],
  ],
  exp: [[() => build.unary("exp", given([0, 1, -inf, nan])), [1, Math.E, 0, nan]]],
  expm1: [[() => build.unary("expm1", given([1e-10, -inf])), [1.00000000005e-10, -1]]],
  log: [[() => build.unary("log", given([1, 0, -1, inf])), [0, -inf, nan, inf]]],
  log1p: [[() => build.unary("log1p", given([1e-10, -1])), [9.9999999995e-11, -inf]]],
  sqrt: [[() => build.unary("sqrt", given([4, -1, inf])), [2, nan, inf]]],
  sin: [[() => build.unary("sin", given([0.5, inf])), [0.479425538604203, nan]]],
  cos: [[() => build.unary("cos", given([0.5, inf])), [0.8775825618903728, nan]]],
  atan: [[() => build.unary("atan", given([1, -inf])), [Math.PI / 4, -Math.PI / 2]]],
  tanh: [[() => build.unary("tanh", given([0.5, inf])), [0.4621171572600098, 1]]],
  erf: [
    // Abramowitz & Stegun, table 7.1, and mpmath.
    [
      () => build.unary("erf", given([0, 0.5, 1, -1, 1.5, 2, 2.5, 3, 5, inf, nan])),
      [
        0,
        0.5204998778130465,
        0.8427007929497149,
        -0.8427007929497149,
        0.9661051464753108,
        0.9953222650189527,
        0.999593047982555,
        0.9999779095030014,
        0.9999999999984626,
        1,
        nan,
      ],
    ],
    [() => build.unary("erf", given([1e-300, 1e-5])), [1.128379167095513e-300, 1.1283791670579e-5]],
  ],
  gelu: [
    // mpmath: x·ncdf(x).
    [
      () => build.unary("gelu", given([0.5, -0.5, 1, -1, 3, -3, inf, -inf, nan])),
      [
        0.34573123063700656,
        -0.15426876936299344,
        0.8413447460685429,
        -0.15865525393145707,
        2.99595030590511,
        -0.0040496940948902835,
        inf,
        -0,
        nan,
      ],
    ],
  ],
  geluDerivative: [
    // mpmath: ncdf(x) + x·npdf(x).
    [
      () => build.unary("geluDerivative", given([0.5, -0.5, 1, -1, 3, -3, 0, inf, -inf, nan])),
      [
        0.8674951246561629,
        0.13250487534383715,
        1.0833154705876864,
        -0.0833154705876863,
        1.011945647204184,
        -0.011945647204183927,
        0.5,
        1,
        0,
        nan,
      ],
    ],
  ],
  floor: [[() => build.unary("floor", given([1.5, -1.5, -inf])), [1, -2, -inf]]],

  add: [
    [() => build.binary("add", given([1]), given([2])), [3]],
    [() => build.binary("add", i8([127]), i8([1])), [-128]],
    [() => build.binary("add", u32([4294967295]), u32([2])), [1]],
  ],
  mul: [
    [() => build.binary("mul", given([3]), given([0.5])), [1.5]],
    [() => build.binary("mul", ints([123456789]), ints([987654321])), [-67153019]],
    [() => build.binary("mul", u32([4294967295]), u32([4294967295])), [1]],
  ],
  div: [
    [() => build.binary("div", given([1, 1, 0]), given([4, 0, 0])), [0.25, inf, nan]],
    [() => build.binary("div", ints([7, -7, 7, -7, 5]), ints([2, 2, -2, -2, 0])), [3, -4, -4, 3, 0]],
    [() => build.binary("div", ints([-2147483648]), ints([-1])), [-2147483648]],
    [() => build.binary("div", u8([255]), u8([2])), [127]],
  ],
  mod: [
    [
      () => build.binary("mod", given([5.5, -5.5, 5.5, -5.5, 1, -3]), given([2, 2, -2, -2, 0, inf])),
      [1.5, 0.5, -0.5, -1.5, nan, inf],
    ],
    [() => build.binary("mod", ints([7, -7, 7, -7, 7]), ints([3, 3, -3, -3, 0])), [1, 2, -2, -1, 0]],
  ],
  pow: [
    [
      () => build.binary("pow", given([2, 9, -8, 1, 0, -1, 0]), given([10, 0.5, 3, nan, 0, inf, -1])),
      [1024, 3, -512, 1, 1, 1, inf],
    ],
  ],
  max: [
    [() => build.binary("max", given([1, nan, 1]), given([2, 1, nan])), [2, nan, nan]],
    [() => build.binary("max", u32([4294967295]), u32([1])), [4294967295]],
  ],
  min: [[() => build.binary("min", given([1, nan, 1]), given([2, 1, nan])), [1, nan, nan]]],
  compare: [
    [() => build.compare("lt", given([1, 2, nan]), given([2, 2, 1])), [1, 0, 0]],
    [() => build.compare("eq", given([1, 0, nan]), given([2, -0, nan])), [0, 1, 0]],
  ],
  where: [[() => build.where(bool([1, 0]), given([1, nan]), given([nan, 2])), [1, 2]]],
  bits: [
    [() => build.bits("and", ints([-1, 12]), ints([7, 10])), [7, 8]],
    [() => build.bits("or", u32([0x80000000]), u32([1])), [0x80000001]],
    [() => build.bits("xor", bool([1, 1, 0]), bool([1, 0, 0])), [0, 1, 0]],
    [() => build.bits("shl", ints([1, 1, 3]), ints([31, 32, 31])), [-2147483648, 0, -2147483648]],
    [() => build.bits("shl", u8([255]), u8([4])), [240]],
    [() => build.bits("shr", ints([-8, -8, -1]), ints([1, 31, 32])), [-4, -1, 0]],
    [() => build.bits("shr", u32([0x80000000, 1]), u32([31, 40])), [1, 0]],
  ],
  cast: [
    [() => build.cast(given([1.9, -1.9, 3e9, -3e9, nan, inf]), "i32"), [1, -1, 2147483647, -2147483648, 0, 2147483647]],
    [() => build.cast(given([-1, 300, 255.9]), "u8"), [0, 255, 255]],
    [() => build.cast(ints([300, -1, 128]), "i8"), [44, -1, -128]],
    [() => build.cast(ints([-1]), "u32"), [4294967295]],
    [() => build.cast(given([0, -0, nan, 0.1]), "bool"), [0, 0, 1, 1]],
    [() => build.cast(given([1 / 3, 65520, 2 ** -25]), "f16"), [0.333251953125, inf, 0]],
    [() => build.cast(given([1 / 3, 3.4e38]), "bf16"), [0.333984375, inf]],
    [() => build.cast(build.cast(given([1 / 3]), "f16"), "f32"), [0.333251953125]],
  ],

  reshape: [[() => build.reshape(given(upTo(4)), [2, 2]), [0, 1, 2, 3]]],
  permute: [
    [() => build.permute(given(upTo(6), [2, 3]), [1, 0]), [0, 3, 1, 4, 2, 5]],
    [() => build.permute(given(upTo(6), [1, 2, 3]), [2, 0, 1]), [0, 3, 1, 4, 2, 5]],
  ],
  expand: [[() => build.expand(given([1, 2], [2, 1]), [2, 3]), [1, 1, 1, 2, 2, 2]]],
  slice: [
    [() => build.slice(given(upTo(12), [3, 4]), [2, 0], [2, 2], [-2, 3]), [8, 11, 0, 3]],
    [() => build.slice(given(upTo(3)), [0], [0]), []],
  ],
  pad: [
    [() => build.pad(given([1, 2]), { low: [1], high: [2], between: [2], value: 9 }), [9, 1, 9, 9, 2, 9, 9]],
    [() => build.pad(given([1, 2, 3]), { low: [-1], high: [1], between: [1], value: 0 }), [0, 2, 0, 3, 0]],
    [() => build.pad(given(upTo(6), [2, 3]), { low: [0, -1], high: [1, -1], between: [0, 0], value: 7 }), [1, 4, 7]],
    [() => build.pad(given([], [0]), { low: [1], high: [1], between: [3], value: 5 }), [5, 5]],
  ],
  concat: [[() => build.concat([given([1, 2], [2, 1]), given([3, 4, 5, 6], [2, 2])], 1), [1, 3, 4, 2, 5, 6]]],
  windows: [
    [() => build.windows(given(upTo(5)), { axes: [0], size: [2], stride: [2], dilation: [1] }), [0, 1, 2, 3]],
    [() => build.windows(given(upTo(6)), { axes: [0], size: [2], stride: [1], dilation: [3] }), [0, 3, 1, 4, 2, 5]],
    [
      () => build.windows(given(upTo(9), [3, 3]), { axes: [0, 1], size: [2, 2], stride: [1, 1], dilation: [1, 1] }),
      [0, 1, 3, 4, 1, 2, 4, 5, 3, 4, 6, 7, 4, 5, 7, 8],
    ],
  ],
  fold: [
    [
      () =>
        build.fold(given([1, 2, 3, 4, 5, 6], [3, 2]), { axes: [0], size: [2], stride: [1], dilation: [1], sizes: [4] }),
      [1, 5, 9, 6],
    ],
    [
      () => build.fold(given([1, 2, 3, 4], [2, 2]), { axes: [0], size: [2], stride: [2], dilation: [1], sizes: [5] }),
      [1, 2, 3, 4, 0],
    ],
  ],

  reduce: [
    [() => build.reduce("sum", given(upTo(6), [2, 3]), [0]), [3, 5, 7]],
    [() => build.reduce("prod", given(upTo(6), [2, 3]), [1]), [0, 60]],
    [() => build.reduce("max", given([1, nan, 2, 3], [2, 2]), [1]), [nan, 3]],
    [() => build.reduce("min", u8([255, 3, 9]), [0]), [3]],
    [() => build.reduce("max", bool([0, 1]), [0]), [1]],
    [() => build.reduce("min", bool([0, 1]), [0]), [0]],
    [() => build.reduce("sum", i8([100, 100]), [0]), [-56]],
    [() => build.reduce("sum", given([], [2, 0]), [1]), [0, 0]],
    [() => build.reduce("prod", given([], [2, 0]), [1]), [1, 1]],
    [() => build.reduce("sum", given(upTo(8), [2, 2, 2]), [0, 2]), [10, 18]],
  ],
  cumulative: [
    [() => build.cumulative("sum", given(upTo(6), [2, 3]), 1), [0, 1, 3, 3, 7, 12]],
    [() => build.cumulative("sum", given(upTo(6), [2, 3]), 0, true), [3, 5, 7, 3, 4, 5]],
    [() => build.cumulative("max", given([1, 3, 2, nan, 1]), 0), [1, 3, 3, nan, nan]],
    [() => build.cumulative("max", ints([1, 3, 2]), 0, true), [3, 3, 2]],
  ],

  contract: [
    [
      () =>
        build.contract(given(upTo(6), [2, 3]), given(upTo(6), [3, 2]), {
          a: ["i", "k"],
          b: ["k", "j"],
          out: ["i", "j"],
        }),
      [10, 13, 28, 40],
    ],
    [
      () => build.contract(given(upTo(4), [2, 2]), given([1, 10], [2]), { a: ["b", "i"], b: ["b"], out: ["i", "b"] }),
      [0, 20, 1, 30],
    ],
    [
      () => build.contract(given([1, 2]), given([3, 4, 5]), { a: ["i"], b: ["j"], out: ["j", "i"] }),
      [3, 6, 4, 8, 5, 10],
    ],
    [() => build.contract(given([], [2, 0]), given([], [0]), { a: ["i", "k"], b: ["k"], out: ["i"] }), [0, 0]],
  ],
  conv: [
    // np.correlate([1, 2, 3, 4], [1, 10], "valid")
    [
      () =>
        build.conv(given([1, 2, 3, 4], [1, 4, 1, 1]), given([1, 10], [2, 1, 1, 1]), {
          stride: [1],
          dilation: [1],
          spread: [1],
          pad: [[0, 0]],
        }),
      [21, 32, 43],
    ],
    [
      () =>
        build.conv(given([1, 2, 3, 4], [1, 4, 1, 1]), given([1, 10], [2, 1, 1, 1]), {
          stride: [2],
          dilation: [2],
          spread: [1],
          pad: [[1, 1]],
        }),
      [20, 42],
    ],
    [
      () =>
        build.conv(given([1, 2], [1, 2, 1, 1]), given([1, 10], [2, 1, 1, 1]), {
          stride: [1],
          dilation: [1],
          spread: [2],
          pad: [[1, 1]],
        }),
      [10, 1, 20, 2],
    ],
    // Two groups of one channel, two outputs each.
    [
      () =>
        build.conv(given([1, 2], [1, 1, 2, 1]), given([3, 4, 5, 6], [1, 2, 1, 2]), {
          stride: [1],
          dilation: [1],
          spread: [1],
          pad: [[0, 0]],
        }),
      [3, 4, 10, 12],
    ],
  ],
  gather: [
    [() => build.gather(given(upTo(6), [3, 2]), ints([2, -1, 0, 3]), 0), [4, 5, 0, 0, 0, 1, 0, 0]],
    [() => build.gather(given(upTo(6), [2, 3]), ints([2, 0], [2, 1]), 1), [2, 0, 5, 3]],
  ],
  scatter: [
    [() => build.scatter("add", given([1, 1, 1]), ints([0, 2, 0, 3, -1]), given([1, 2, 4, 8, 16]), 0), [6, 1, 3]],
    [() => build.scatter("set", given([1, 1, 1]), ints([0, 0]), given([5, 6]), 0), [6, 1, 1]],
    [() => build.scatter("max", given([1, 1, 1]), ints([0, 1]), given([5, -6]), 0), [5, 1, 1]],
    [() => build.scatter("add", given([0, 0, 0, 0], [2, 2]), ints([1]), given([1, 2], [2, 1]), 1), [0, 1, 0, 2]],
  ],
  measure: [
    [
      () => {
        const told = build.measure(given([1, -2, 0, inf, nan, 3]));
        const ends = [0, 9 + 254, 9 + 256, 9 + 510, 9 + 511, 9 + 768].map((start, index) =>
          build.slice(told, [start], [index === 0 ? 10 : 1], [1]),
        );
        return build.concat(ends, 0);
      },
      // -min, max, sum, squares, magnitudes, zeros, infinities, beyond 0.97; buckets of 0, 1, 3 (1.5 · 2), inf, NaN, -2
      [2, 3, 2, 14, 6, 1, 1, 0, 3, 1, 1, 0, 1, 1, 1],
    ],
  ],
  argsort: [
    [() => build.argsort(given([3, nan, 1, 3, -inf]), 0), [4, 2, 0, 3, 1]],
    [() => build.argsort(given([3, nan, 1, 3, -inf]), 0, true), [0, 3, 2, 4, 1]],
    [() => build.argsort(given([3, 1, 2, 4], [2, 2]), 0), [1, 0, 0, 1]],
  ],

  detach: [[() => build.detach(given([1])), [1]]],
  tap: [[() => build.tap(given([1]), "x"), [1]]],
  barrier: [[() => build.barrier(given([1]), given([2])), [1]]],
  custom: [[() => build.custom("c", given([1]), [given([2])], () => []), [1]]],
  // Forward: 1→11→112→1123; reverse: 1→13→132→1321.
  scan: [
    [() => loop(false)[0]!, [1123]],
    [() => loop(false)[1]!, [10, 110, 1120]],
    [() => loop(true)[0]!, [1321]],
    [() => loop(true)[1]!, [1320, 130, 10]],
  ],
  cond: [
    [() => build.cond(given([1], [], "bool"), doubling, negating, [given([3], [])])[0]!, [6]],
    [() => build.cond(given([0], [], "bool"), doubling, negating, [given([3], [])])[0]!, [-3]],
  ],
  pick: [[() => loop(false)[1]!, [10, 110, 1120]]],
};

const close = (x: number, y: number): boolean => Object.is(x, y) || x === y || Math.abs(x - y) <= 1e-15 * Math.abs(y);

for (const [op, rows] of Object.entries(goldens)) {
  test(`${op} means what is known by hand`, () => {
    rows.forEach(([expression, expected], row) => {
      const [value] = evaluate([expression()], bound);
      const actual = [...value!.data];
      const equal = actual.length === expected.length && actual.every((x, index) => close(x, expected[index]!));
      assert.ok(equal, `row ${row}: ${actual} instead of ${expected}`);
    });
  });
}

test("threefry gives the published test vectors (Random123 kat_vectors)", () => {
  assert.deepEqual(threefry([0, 0], [0, 0]), [0x6b200159, 0x99ba4efe]);
  assert.deepEqual(threefry([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff]), [0x1cb996fc, 0xbb002be7]);
  assert.deepEqual(threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]), [0xc4923a9c, 0x483df7a0]);
});

test("evaluate stops at bound nodes, and reads what is bound", () => {
  const x = build.input("x", [2], "f32");
  const doubled = build.binary("add", x, x);
  const result = build.unary("neg", doubled);
  assert.deepEqual([...evaluate([result], new Map([[doubled, hostArray([2], "f32", [1, 2])]]))[0]!.data], [-1, -2]);
  assert.throws(() => evaluate([result]), /input "x" has no value/);
});

test("interpret refuses inputs of another type", () => {
  const x = build.input("x", [2], "f32");
  const graph = { inputs: [x], outputs: [x] };
  assert.throws(() => interpret(graph, []), /takes 1 inputs, received 0/);
  assert.throws(() => interpret(graph, [hostArray([3], "f32", 0)]), /f32 \[2\] is bound to f32 \[3\]/);
});
