import assert from "node:assert/strict";
import { test } from "node:test";
import { isFloat } from "../base/dtype.ts";
import { range } from "../base/shape.ts";
import { build, type Node, type Op, ops } from "../graph/index.ts";
import { evaluate, type HostArray, hostArray } from "../reference/index.ts";
import { checkGradient, sample } from "./check.ts";
import { gradient } from "./gradient.ts";
import { add, mul, scale, sum, zeros } from "./terms.ts";

interface Case {
  readonly name?: string;
  readonly fn: (...xs: Node[]) => Node | readonly Node[];
  readonly inputs: readonly HostArray[];
}

const i32 = (shape: readonly number[], values: number[]): HostArray => hostArray(shape, "i32", values);
const bool = (shape: readonly number[], values: number[]): HostArray => hostArray(shape, "bool", values);
const all = (x: Node): number[] => range(x.shape.length);

const unary = (op: Parameters<typeof build.unary>[0], low = -2, high = 2): Case[] => [
  { fn: (x) => build.unary(op, x!), inputs: [sample([3, 2], low, high)] },
];
const binary = (op: Parameters<typeof build.binary>[0], x: HostArray, y: HostArray): Case[] => [
  { fn: (a, b) => build.binary(op, a!, b!), inputs: [x, y] },
  { name: "of one value twice", fn: (a) => build.binary(op, a!, scale(a!, 1.5)), inputs: [x] },
];
/** Squares the result of a linear primitive, so that its second derivative is not 0. */
const square = (x: Node): Node => mul(x, x);
const linear = (fn: (...xs: Node[]) => Node, ...inputs: HostArray[]): Case => ({
  fn: (...xs) => square(fn(...xs)),
  inputs,
});

const distinct = hostArray([3, 4], "f32", [3, -1, 4, 1.5, -5, 9, 2, 6, 5, -3.5, 8, 7]);
const positive = sample([3, 2], 0.5, 2);
const scanBody = (build_: (carry: Node, x: Node, w: Node) => [Node, Node]) => {
  const [carry, x, w] = [
    build.input("carry", [2], "f32"),
    build.input("x", [3], "f32"),
    build.input("w", [2, 3], "f32"),
  ];
  return { inputs: [carry, x, w], outputs: build_(carry, x, w) };
};
const matvec = (w: Node, x: Node): Node => build.contract(w, x, { a: ["i", "j"], b: ["j"], out: ["i"] });

/** A value that a derivative does not pass: the reason, and a function of a float in which it stands between. */
interface Absent {
  readonly none: string;
  readonly fn: (x: Node) => Node;
}

/** At least one case for every primitive, or the reason why it has no derivative. */
const table: { readonly [K in Op]: readonly Case[] | Absent } = {
  input: [{ fn: (x) => square(x!), inputs: [sample([3])] }],
  const: { none: "a constant", fn: () => build.constant(2) },
  iota: { none: "an index", fn: () => build.iota([3], 0, "f32") },
  randomBits: {
    none: "random integers",
    fn: () => build.cast(build.randomBits(build.fill(1, { shape: [2], dtype: "u32" }), [3]), "f32"),
  },

  neg: [linear((x) => build.unary("neg", x!), sample([3]))],
  exp: unary("exp"),
  expm1: unary("expm1"),
  log: unary("log", 0.3, 3),
  log1p: unary("log1p", -0.7, 3),
  sqrt: unary("sqrt", 0.3, 3),
  sin: unary("sin"),
  cos: unary("cos"),
  atan: unary("atan"),
  tanh: unary("tanh"),
  erf: unary("erf"),
  gelu: unary("gelu"),
  geluDerivative: unary("geluDerivative"),
  floor: { none: "constant between steps", fn: (x) => build.unary("floor", x) },

  add: [linear((x, y) => add(x!, y!), sample([3]), sample([3], 1, 2))],
  mul: binary("mul", sample([3, 2]), positive),
  div: binary("div", sample([3, 2]), positive),
  mod: [
    {
      fn: (x, y) => square(build.binary("mod", x!, y!)),
      inputs: [hostArray([4], "f32", [5.3, -5.3, 7.1, -0.4]), hostArray([4], "f32", [2, 1.7, -3, 1])],
    },
  ],
  pow: [
    { fn: (x, y) => build.binary("pow", x!, y!), inputs: [positive, sample([3, 2], -2, 3)] },
    { name: "to a whole power", fn: (x) => build.binary("pow", x!, build.fill(3, x!)), inputs: [sample([4], -2, 2)] },
  ],
  max: binary("max", distinct, sample([3, 4], -3, 6)).map((one) => ({
    ...one,
    fn: (...xs: Node[]) => square(one.fn(...xs) as Node),
  })),
  min: binary("min", distinct, sample([3, 4], -3, 6)).map((one) => ({
    ...one,
    fn: (...xs: Node[]) => square(one.fn(...xs) as Node),
  })),
  compare: { none: "a condition", fn: (x) => build.cast(build.compare("lt", x, zeros(x)), "f32") },
  where: [
    linear((x, y) => build.where(build.compare("lt", zeros(x!), x!), x!, y!), sample([6]), sample([6], 2, 3)),
    {
      fn: (c, x, y) => build.where(c!, square(x!), square(y!)),
      inputs: [bool([3], [1, 0, 1]), sample([3]), sample([3], 2, 3)],
    },
  ],
  bits: {
    none: "integers and conditions",
    fn: (x) => build.cast(build.bits("and", build.cast(x, "i32"), build.cast(x, "i32")), "f32"),
  },
  cast: [{ fn: (x) => square(build.cast(build.cast(x!, "f32"), "f32")), inputs: [sample([3])] }],

  reshape: [linear((x) => build.reshape(x!, [3, 4]), sample([2, 6]))],
  permute: [linear((x) => build.permute(x!, [2, 0, 1]), sample([2, 3, 4]))],
  expand: [
    linear((x) => build.expand(x!, [3, 2, 4]), sample([1, 2, 1])),
    linear((x) => build.expand(x!, [2, 2]), sample([1, 1])),
  ],
  slice: [
    linear((x) => build.slice(x!, [1, 0], [2, 3]), sample([4, 3])),
    { name: "steps", ...linear((x) => build.slice(x!, [1, 1], [3, 2], [2, 3]), sample([7, 6])) },
    { name: "negative steps", ...linear((x) => build.slice(x!, [6, 3, 1], [3, 4, 2], [-2, -1, 1]), sample([8, 4, 3])) },
    { name: "one element read backwards", ...linear((x) => build.slice(x!, [3], [1], [-2]), sample([5])) },
    {
      name: "nothing",
      fn: (x) => add(sum(build.slice(x!, [2], [0]), [0]), sum(square(x!), [0])),
      inputs: [sample([3])],
    },
  ],
  pad: [
    linear((x) => build.pad(x!, { low: [1, 0], high: [0, 2], between: [0, 0], value: 3 }), sample([2, 3])),
    { name: "between", ...linear((x) => build.pad(x!, { low: [1], high: [2], between: [2], value: 1 }), sample([4])) },
    {
      name: "crop",
      ...linear((x) => build.pad(x!, { low: [-1, 2], high: [1, -2], between: [0, 0], value: 0 }), sample([4, 5])),
    },
    {
      name: "crop between",
      ...linear((x) => build.pad(x!, { low: [-2], high: [-1], between: [1], value: 0 }), sample([5])),
    },
  ],
  concat: [linear((x, y, z) => build.concat([x!, y!, z!, x!], 1), sample([2, 1]), sample([2, 3]), sample([2, 2]))],
  windows: [
    linear((x) => build.windows(x!, { axes: [1], size: [3], stride: [2], dilation: [1] }), sample([2, 8])),
    linear(
      (x) => build.windows(x!, { axes: [0, 1], size: [2, 3], stride: [1, 2], dilation: [2, 1] }),
      sample([5, 6, 2]),
    ),
  ],
  fold: [
    linear((x) => build.fold(x!, { axes: [1], size: [3], stride: [2], dilation: [1], sizes: [8] }), sample([2, 3, 3])),
    linear(
      (x) => build.fold(x!, { axes: [0, 1], size: [2, 2], stride: [1, 1], dilation: [2, 1], sizes: [4, 3] }),
      sample([2, 2, 2, 2]),
    ),
  ],

  reduce: [
    linear((x) => sum(x!, [0, 2]), sample([2, 3, 2])),
    ...(["max", "min"] as const).flatMap((name) => [
      { name, ...linear((x) => build.reduce(name, x!, [1]), distinct) },
      { name: `${name} of all`, ...linear((x) => build.reduce(name, x!, [0, 1]), distinct) },
    ]),
    ...[[1], [0, 2], [0, 1, 2]].map((axes) => ({
      name: `prod along ${axes}`,
      fn: (x?: Node) => build.reduce("prod", x!, axes),
      inputs: [sample([2, 3, 5], 0.5, 1.5)],
    })),
    { name: "prod of one", fn: (x) => square(build.reduce("prod", x!, [1])), inputs: [sample([3, 1])] },
  ],
  cumulative: ([false, true] as const).flatMap((reverse) => [
    { name: `sum, reverse ${reverse}`, ...linear((x) => build.cumulative("sum", x!, 1, reverse), sample([2, 4])) },
    { name: `max, reverse ${reverse}`, ...linear((x) => build.cumulative("max", x!, 0, reverse), distinct) },
    { name: `max, reverse ${reverse}, last axis`, ...linear((x) => build.cumulative("max", x!, 1, reverse), distinct) },
  ]),

  contract: [
    linear(
      (x, y) => build.contract(x!, y!, { a: ["i", "k"], b: ["k", "j"], out: ["i", "j"] }),
      sample([2, 3]),
      sample([3, 2]),
    ),
    {
      name: "batched, transposed",
      ...linear(
        (x, y) => build.contract(x!, y!, { a: ["k", "b", "i"], b: ["j", "k", "b"], out: ["i", "b", "j"] }),
        sample([3, 2, 2]),
        sample([2, 3, 2]),
      ),
    },
    {
      name: "outer",
      ...linear((x, y) => build.contract(x!, y!, { a: ["i"], b: ["j"], out: ["j", "i"] }), sample([3]), sample([2])),
    },
    {
      name: "dot",
      ...linear(
        (x, y) => build.contract(x!, y!, { a: ["i", "j"], b: ["j", "i"], out: [] }),
        sample([2, 3]),
        sample([3, 2]),
      ),
    },
    {
      name: "with itself",
      ...linear((x) => build.contract(x!, x!, { a: ["i", "k"], b: ["j", "k"], out: ["i", "j"] }), sample([2, 3])),
    },
  ],
  conv: [
    {
      name: "all attributes at once",
      ...linear(
        (x, w) =>
          build.conv(x!, w!, {
            stride: [2, 1],
            dilation: [1, 2],
            spread: [1, 2],
            pad: [
              [1, 0],
              [-1, 2],
            ],
          }),
        sample([2, 6, 4, 2, 2]),
        sample([3, 2, 2, 2, 3]),
      ),
    },
  ],

  gather: [
    { fn: (x, i) => square(build.gather(x!, i!, 1)), inputs: [sample([2, 4, 2]), i32([2, 3], [0, 3, 3, 1, -1, 9])] },
    { name: "by a scalar", fn: (x, i) => square(build.gather(x!, i!, 0)), inputs: [sample([4, 2]), i32([], [2])] },
  ],
  scatter: (["add", "set", "max"] as const).flatMap((name) => [
    {
      name,
      fn: (x: Node, i: Node, u: Node) => square(build.scatter(name, x, i, u, 0)),
      inputs: [sample([5, 2]), i32([4], [1, 3, 1, 7]), sample([4, 2], -1, 1, 3)],
    } as Case,
    {
      name: `${name} by a table`,
      fn: (x: Node, i: Node, u: Node) => square(build.scatter(name, x, i, u, 1)),
      inputs: [sample([2, 5, 2]), i32([2, 2], [4, -1, 4, 0]), sample([2, 2, 2, 2], -1, 1, 5)],
    } as Case,
  ]),
  measure: { none: "statistics", fn: (x) => build.measure(x) },
  argsort: { none: "an order", fn: (x) => build.cast(build.argsort(x, 0), "f32") },

  detach: { none: "by definition", fn: (x) => build.detach(square(x)) },
  tap: [linear((x) => build.tap(x!, "t"), sample([3]))],
  barrier: [linear((x, y) => add(build.barrier(x!, y!), y!), sample([3]), sample([3], 1, 2))],
  custom: [
    {
      // tanh with the derivative in terms of its output
      fn: (x) => build.custom("tanh", build.unary("tanh", x!), [x!], (g, y) => [add(g, scale(mul(g, square(y)), -1))]),
      inputs: [sample([3])],
    },
  ],
  scan: ([false, true] as const).map((reverse) => ({
    name: `reverse ${reverse}`,
    fn: (carry: Node, xs: Node, w: Node) =>
      build.scan([carry, xs, w], {
        body: scanBody((c, x, m) => {
          const next = build.unary("tanh", add(c, matvec(m, x)));
          return [next, mul(c, next)];
        }),
        length: 4,
        carries: 1,
        sequences: 1,
        reverse,
      }),
    inputs: [sample([2]), sample([4, 3]), sample([2, 3])],
  })) as readonly Case[],
  cond: ([0, 1] as const).map((chosen) => ({
    name: `branch ${chosen}`,
    fn: (p: Node, x: Node, y: Node) => {
      const ins = (): Node<"input">[] => [build.input("x", [3], "f32"), build.input("y", [3], "f32")];
      const [a, b] = [ins(), ins()];
      return build.cond(
        p,
        { inputs: a, outputs: [mul(a[0]!, a[1]!), square(a[0]!)] },
        { inputs: b, outputs: [build.unary("exp", b[0]!), square(b[1]!)] },
        [x, y],
      );
    },
    inputs: [bool([], [chosen]), sample([3]), sample([3], 1, 2)],
  })) as readonly Case[],
  pick: [
    {
      name: "one of two",
      fn: (carry, xs, w) =>
        build.scan([carry!, xs!, w!], {
          body: scanBody((c, x, m) => [c, square(matvec(m, x))]),
          length: 2,
          carries: 1,
          sequences: 1,
          reverse: false,
        })[1]!,
      inputs: [sample([2]), sample([2, 3]), sample([2, 3])],
    },
  ],
};

const isAbsent = (entry: readonly Case[] | Absent): entry is Absent => "none" in entry;
const checked = new Set<Op>();

for (const op of ops) {
  const entry = table[op];
  if (isAbsent(entry)) {
    test(`${op} has no derivative: ${entry.none}`, () => {
      const x = build.input("x", [3], "f32");
      const y = entry.fn(x);
      assert.ok(isFloat(y.dtype));
      const [g] = gradient(sum(y, all(y)), [x]);
      const [value] = evaluate([g!], new Map([[x, hostArray([3], "f32", [0.3, -1.2, 2.5])]]));
      assert.deepEqual([...value!.data], [0, 0, 0]);
      checked.add(op);
    });
    continue;
  }
  test(`${op}: its derivatives are the limits of differences`, () => {
    for (const { name = "", fn, inputs } of entry) {
      for (const order of [1, 2] as const) {
        try {
          checkGradient(fn, inputs, { order, tolerance: 1e-6 });
        } catch (error) {
          throw new Error(`${op} ${name} order ${order}: ${(error as Error).message}`, { cause: error });
        }
      }
    }
    checked.add(op);
  });
}

test("a float cast passes the gradient on in the dtype of its input", () => {
  const x = build.input("x", [2], "f16");
  const [g] = gradient(sum(scale(build.cast(x, "f32"), 3), [0]), [x]);
  assert.equal(g!.dtype, "f16");
  assert.deepEqual([...evaluate([g!])[0]!.data], [3, 3]);
});

test("every row is checked", () => {
  console.log(`derivative rows: ${checked.size} of ${ops.length} checked`);
  assert.deepEqual(
    ops.filter((op) => !checked.has(op)),
    [],
  );
});
