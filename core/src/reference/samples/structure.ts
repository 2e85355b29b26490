import { type DType, dtypes, isFloat, numbers } from "../../base/dtype.ts";
import type { Shape } from "../../base/shape.ts";
import * as build from "../../graph/build.ts";
import type { Graph, Node } from "../../graph/node.ts";
import { hostArray } from "../hostArray.ts";
import { epsilonOf, exact, named, plainShapes, type SampleRule, sample, type Tolerance } from "./sample.ts";

/** A body: inputs of the given shapes, and what is made of them. */
export function bodyOf(
  shapes: readonly Shape[],
  dtype: DType,
  make: (...nodes: readonly Node[]) => readonly Node[],
): Graph {
  const inputs = shapes.map((shape, index) => build.input(`b${index}`, shape, dtype));
  return { inputs, outputs: make(...inputs) };
}

const add = (x: Node | undefined, y: Node | undefined): Node => build.binary("add", x!, y!);
const mul = (x: Node | undefined, y: Node | undefined): Node => build.binary("mul", x!, y!);

/** Errors grow with the steps; each may round to the dtype. */
const looped = (dtype: DType, steps: number): Tolerance =>
  isFloat(dtype) ? { relative: 2 * steps * epsilonOf[dtype], absolute: 2 * steps * epsilonOf[dtype] } : exact;

interface ScanRow {
  readonly name: string;
  readonly length: number;
  readonly carries: readonly Shape[];
  /** Shapes of one step. */
  readonly sequences: readonly Shape[];
  readonly constants: readonly Shape[];
  readonly body: (...nodes: readonly Node[]) => readonly Node[];
}

const scanRows: readonly ScanRow[] = [
  { name: "a running sum", length: 7, carries: [[3]], sequences: [[3]], constants: [], body: (c, x) => [add(c, x)] },
  {
    name: "a running sum, all shown",
    length: 7,
    carries: [[3]],
    sequences: [[3]],
    constants: [],
    body: (c, x) => [add(c, x), add(c, x)],
  },
  {
    name: "scalars",
    length: 5,
    carries: [[]],
    sequences: [[]],
    constants: [[]],
    body: (c, x, k) => [add(mul(c, k), x), mul(x, x)],
  },
  { name: "one step", length: 1, carries: [[2]], sequences: [[2]], constants: [], body: (c, x) => [mul(c, x), c!] },
  { name: "no step", length: 0, carries: [[2]], sequences: [[2]], constants: [], body: (c, x) => [mul(c, x), c!] },
  {
    name: "no carries",
    length: 6,
    carries: [],
    sequences: [
      [2, 3],
      [2, 3],
    ],
    constants: [],
    body: (x, y) => [add(x, y), mul(x, y)],
  },
  { name: "no sequences", length: 5, carries: [[4]], sequences: [], constants: [[4]], body: (c, k) => [add(c, k), c!] },
  // Carries that trade places: the old values must outlive the new ones.
  {
    name: "exchanged carries",
    length: 5,
    carries: [[3], [3]],
    sequences: [],
    constants: [],
    body: (a, b) => [b!, add(a, b), a!],
  },
  {
    name: "carries in a ring",
    length: 4,
    carries: [[2], [2], [2]],
    sequences: [[2]],
    constants: [],
    body: (a, b, c, x) => [b!, c!, a!, add(a, x)],
  },
  {
    name: "an unchanged carry",
    length: 3,
    carries: [[2], [2]],
    sequences: [[2]],
    constants: [],
    body: (a, b, x) => [a!, add(b, x)],
  },
  { name: "a step as it is", length: 4, carries: [[3]], sequences: [[3]], constants: [], body: (_, x) => [x!, x!] },
  {
    name: "a constant result",
    length: 4,
    carries: [[3]],
    sequences: [[3]],
    constants: [[3]],
    body: (c, _, k) => [c!, k!],
  },
  {
    name: "a recurrent layer",
    length: 4,
    carries: [[2, 5]],
    sequences: [[2, 3]],
    constants: [
      [3, 5],
      [5, 5],
    ],
    body: (h, x, kernel, recurrent) => {
      const labels = { a: ["b", "i"], b: ["i", "o"], out: ["b", "o"] };
      const next = add(build.contract(x!, kernel!, labels), build.contract(h!, recurrent!, labels));
      return [next, next];
    },
  },
];

const scanSamples: SampleRule = {
  dtypes: numbers,
  samples: (dtype, random) => [
    ...scanRows.flatMap(({ name, length, carries, sequences, constants, body: make }) =>
      [false, true].map((reverse) => {
        const body = bodyOf([...carries, ...sequences, ...constants], dtype, make);
        const arrays = [...carries, ...sequences.map((shape) => [length, ...shape]), ...constants];
        return sample(
          `${name}${reverse ? ", reverse" : ""}`,
          arrays.map((shape) => random.array(shape, dtype, -0.5, 0.5)),
          (...nodes) =>
            build.scan(nodes, { body, length, carries: carries.length, sequences: sequences.length, reverse }),
          looped(dtype, 4 * length),
        );
      }),
    ),
    nested(dtype, random),
  ],
};

/** The sum along both axes of [4, 3, 2], by a loop in a loop. */
function nested(dtype: DType, random: Parameters<SampleRule["samples"]>[1]) {
  const inner = bodyOf([[2], [2]], dtype, (c, x) => [add(c, x), c!]);
  const outer = bodyOf([[2], [3, 2]], dtype, (c, xs) => {
    const [total, partial] = build.scan([c!, xs!], {
      body: inner,
      length: 3,
      carries: 1,
      sequences: 1,
      reverse: false,
    });
    return [total!, build.reduce("sum", partial!, [0])];
  });
  return sample(
    "a loop in a loop",
    [random.array([2], dtype), random.array([4, 3, 2], dtype)],
    (start, xs) => build.scan([start!, xs!], { body: outer, length: 4, carries: 1, sequences: 1, reverse: false }),
    looped(dtype, 24),
  );
}

const condSamples: SampleRule = {
  dtypes: numbers,
  samples: (dtype, random) =>
    [0, 1].flatMap((predicate) => {
      const chosen = hostArray([], "bool", [predicate]);
      const side = predicate === 1 ? "then" : "else";
      const [x, y] = [random.array([2, 3], dtype), random.array([2, 3], dtype)];
      const shapes = [
        [2, 3],
        [2, 3],
      ];
      const sums = bodyOf(shapes, dtype, (a, b) => [add(a, b), a!]);
      const products = bodyOf(shapes, dtype, (a, b) => [mul(a, b), b!]);
      const constants = bodyOf(shapes, dtype, (a) => [build.fill(1, a!), a!]);
      return [
        sample(
          `${side} of sums and products`,
          [chosen, x, y],
          (p, a, b) => build.cond(p!, sums, products, [a!, b!]),
          looped(dtype, 1),
        ),
        sample(
          `${side} of a constant`,
          [chosen, x, y],
          (p, a, b) => build.cond(p!, constants, sums, [a!, b!]),
          looped(dtype, 1),
        ),
        sample(
          `${side}, used afterwards`,
          [chosen, x, y],
          (p, a, b) => add(build.cond(p!, sums, products, [a!, b!])[0], a),
          looped(dtype, 2),
        ),
      ];
    }),
};

const identity = (make: (x: Node) => Node): SampleRule => ({
  dtypes,
  samples: (dtype, random) =>
    plainShapes.map((shape) => sample(named(shape), [random.anything(shape, dtype)], (x) => make(x!))),
});

/** The samples of nested graphs and of the primitives that do nothing to the value. */
export const structureSamples = {
  detach: identity(build.detach),
  tap: identity((x) => build.tap(x, "sample")),
  barrier: identity((x) => build.barrier(x, build.constant(1))),
  custom: identity((x) => build.custom("sample", x, [x], (g) => [g])),
  scan: scanSamples,
  cond: condSamples,
  pick: {
    dtypes: numbers,
    samples: (dtype, random) =>
      [0, 1, 2].map((index) => {
        const body = bodyOf([[2], [2]], dtype, (c, x) => [add(c, x), mul(c, x), c!]);
        const attrs = { body, length: 3, carries: 1, sequences: 1, reverse: false };
        const arrays = [random.array([2], dtype, -1, 1), random.array([3, 2], dtype, -1, 1)];
        return sample(
          `result ${index} alone`,
          arrays,
          (start, xs) => build.scan([start!, xs!], attrs)[index]!,
          looped(dtype, 8),
        );
      }),
  },
} satisfies Record<string, SampleRule>;
