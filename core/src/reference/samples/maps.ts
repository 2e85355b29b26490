import { type DType, dtypes, floats, integers, isFloat, numbers } from "../../base/dtype.ts";
import * as build from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { BinaryOp, BitsName, UnaryOp } from "../../graph/primitives.ts";
import { hostArray, roundTo } from "../hostArray.ts";
import { exact, named, plainShapes, type Sample, type SampleRule, sample, ulps } from "./sample.ts";
import { pairs, specialValues } from "./specials.ts";

interface MapOptions {
  /** Units in the last place that an f32 result may be off. */
  readonly ulp: number;
  /** Range of the ordinary values. */
  readonly low?: number;
  readonly high?: number;
  readonly allowed?: readonly DType[];
  /** An error that is right everywhere. */
  readonly absolute?: number;
}

const unary = (op: UnaryOp, { ulp, low = -4, high = 4, allowed = floats, absolute = 0 }: MapOptions): SampleRule => ({
  dtypes: allowed,
  samples: (dtype, random) => {
    const relative = ulps(dtype, ulp);
    const tolerance = { ...relative, absolute: Math.max(relative.absolute, absolute) };
    const apply = (x?: Node): Node => build.unary(op, x!); // samples have the one input
    return [
      ...plainShapes.map((shape) => sample(named(shape), [random.array(shape, dtype, low, high)], apply, tolerance)),
      sample("special values", [special(dtype)], apply, tolerance),
      sample("a sweep", [random.array([1000], dtype, 10 * low, 10 * high)], apply, tolerance),
    ];
  },
});

const special = (dtype: DType) => {
  const values = specialValues(dtype);
  return hostArray([values.length], dtype, values);
};

interface BinaryOptions extends MapOptions {
  /** Where the second operand stays away from. */
  readonly right?: readonly [number, number];
  readonly specials?: (dtype: DType) => readonly [left: readonly number[], right: readonly number[]];
}

const everything = (dtype: DType) => [specialValues(dtype), specialValues(dtype)] as const;

function binary(op: BinaryOp, options: BinaryOptions): SampleRule {
  const { ulp, low = -4, high = 4, allowed = numbers, right = [low, high], specials = everything } = options;
  const make = (dtype: DType, name: string, x: Sample["inputs"][number], y: Sample["inputs"][number]): Sample =>
    sample(name, [x, y], (a, b) => build.binary(op, a!, b!), isFloat(dtype) ? ulps(dtype, ulp) : exact);
  return {
    dtypes: allowed,
    samples: (dtype, random) => [
      ...plainShapes.map((shape) =>
        make(dtype, named(shape), random.array(shape, dtype, low, high), random.array(shape, dtype, ...right)),
      ),
      make(dtype, "special values", ...pairs(dtype, ...specials(dtype))),
      sample(
        "one operand twice",
        [random.array([9], dtype, ...right)],
        (x) => build.binary(op, x!, x!),
        ulps(dtype, ulp),
      ),
    ],
  };
}

/** Floats whose remainders are not close to a jump; NumPy's answers at zeros and infinities. */
function modSpecials(dtype: DType): readonly [readonly number[], readonly number[]] {
  if (!isFloat(dtype)) return everything(dtype);
  const { NaN: nan, Infinity: inf } = globalThis;
  return [
    [0, 1, -1, 5.5, -5.5, 7.25, -7.25, 100, -100, inf, -inf, nan],
    [1, -1, 2, -2, 0.75, -0.75, 0, inf, -inf, nan],
  ];
}

const bitsSamples: SampleRule = {
  dtypes: [...integers, "bool"],
  samples: (dtype, random) => {
    const names: readonly BitsName[] = dtype === "bool" ? ["and", "or", "xor"] : ["and", "or", "xor", "shl", "shr"];
    const shifts = [0, 1, 2, 7, 8, 15, 31, 32, 33, 100];
    return names.flatMap((name) => {
      const right = name === "shl" || name === "shr" ? shifts : specialValues(dtype);
      return [
        sample(`${name} special values`, pairs(dtype, specialValues(dtype), right), (x, y) => build.bits(name, x!, y!)),
        ...[[], [7], [3, 11]].map((shape) =>
          sample(
            `${name} ${named(shape)}`,
            [random.anything(shape, dtype), random.whole(shape, dtype, 0, 40)],
            (x, y) => build.bits(name, x!, y!),
          ),
        ),
      ];
    });
  },
};

/** Numbers around the limits of the integer dtypes, and ties of the 16-bit floats. */
const castValues = [
  126.5,
  127,
  127.9,
  128,
  129,
  254.9,
  255,
  255.5,
  256,
  257,
  -127.9,
  -128,
  -128.9,
  -129,
  2147483520,
  2147483648,
  -2147483648,
  -2147483904,
  4294967040,
  4294967296,
  1e10,
  -1e10,
  1e20,
  -1e20,
  0.1,
  -0.1,
  0.99,
  -0.99,
  1 / 3,
  65504,
  65519,
  65520,
  65536,
  2049,
  2051,
  1.00048828125,
  1.00146484375,
  257.5,
  2 ** -24,
  2 ** -25,
  3 * 2 ** -26,
  5 * 2 ** -25,
];

const castSamples: SampleRule = {
  dtypes,
  samples: (dtype, random) =>
    dtypes
      .filter((to) => to !== dtype)
      .flatMap((to) => {
        const values = isFloat(dtype)
          ? [...specialValues(dtype), ...castValues.map(roundTo[dtype])]
          : specialValues(dtype);
        // Integers may reach the 16-bit floats through f32 and be rounded twice.
        const tolerance = isFloat(to) && !isFloat(dtype) && to !== "f32" ? ulps(to, 1) : exact;
        const cast = (x: Parameters<typeof build.cast>[0] | undefined) => build.cast(x!, to);
        return [
          sample(`to ${to}, special values`, [hostArray([values.length], dtype, values)], cast, tolerance),
          sample(`to ${to} []`, [random.anything([], dtype)], cast, tolerance),
          sample(`to ${to} [3,7]`, [random.anything([3, 7], dtype)], cast, tolerance),
        ];
      }),
};

/** The samples of the elementwise primitives. */
export const mapSamples = {
  neg: unary("neg", { ulp: 0, allowed: numbers }),
  exp: unary("exp", { ulp: 2, low: -8, high: 8 }),
  expm1: unary("expm1", { ulp: 2, low: -2, high: 2 }),
  log: unary("log", { ulp: 2, low: 0.01, high: 5 }),
  log1p: unary("log1p", { ulp: 2, low: -0.05, high: 5 }),
  sqrt: unary("sqrt", { ulp: 1, low: 0, high: 9 }),
  sin: unary("sin", { ulp: 2, low: -7, high: 7 }),
  cos: unary("cos", { ulp: 2, low: -7, high: 7 }),
  atan: unary("atan", { ulp: 2 }),
  tanh: unary("tanh", { ulp: 2 }),
  erf: unary("erf", { ulp: 4 }),
  gelu: unary("gelu", { ulp: 6, absolute: 2 ** -24 }),
  geluDerivative: unary("geluDerivative", { ulp: 6, absolute: 2 ** -22 }),
  floor: unary("floor", { ulp: 0, low: -9, high: 9 }),

  add: binary("add", { ulp: 0.5 }),
  mul: binary("mul", { ulp: 0.5 }),
  div: binary("div", { ulp: 2.5, right: [0.5, 3] }),
  // Multiples of a quarter and of 3/4: no quotient is close to a whole number without being one.
  mod: {
    ...binary("mod", { ulp: 1, specials: modSpecials }),
    samples: (dtype, random) => [
      ...plainShapes.map((shape) => {
        const scaled = (array: ReturnType<typeof random.whole>, unit: number) =>
          isFloat(dtype) ? { ...array, data: array.data.map((value) => value * unit) } : array;
        const [x, y] = [random.whole(shape, dtype, -40, 40), random.whole(shape, dtype, 1, 9)];
        return sample(
          named(shape),
          [scaled(x, 0.25), scaled(y, 0.75)],
          (a, b) => build.binary("mod", a!, b!),
          ulps(dtype, 1),
        );
      }),
      sample(
        "special values",
        pairs(dtype, ...modSpecials(dtype)),
        (a, b) => build.binary("mod", a!, b!),
        ulps(dtype, 1),
      ),
    ],
  },
  pow: binary("pow", { ulp: 4, allowed: floats, low: 0.1, high: 4, right: [-3, 3] }),
  max: binary("max", { ulp: 0 }),
  min: binary("min", { ulp: 0 }),

  compare: {
    dtypes,
    samples: (dtype, random) =>
      (["lt", "eq"] as const).flatMap((name) => [
        sample(`${name} special values`, pairs(dtype, ...everything(dtype)), (x, y) => build.compare(name, x!, y!)),
        ...plainShapes.map((shape) =>
          sample(
            `${name} ${named(shape)}`,
            [random.whole(shape, dtype, -2, 2), random.whole(shape, dtype, -2, 2)],
            (x, y) => build.compare(name, x!, y!),
          ),
        ),
      ]),
  },
  where: {
    dtypes,
    samples: (dtype, random) =>
      plainShapes.map((shape) =>
        sample(
          named(shape),
          [random.anything(shape, "bool"), random.anything(shape, dtype), random.anything(shape, dtype)],
          (condition, x, y) => build.where(condition!, x!, y!),
        ),
      ),
  },
  bits: bitsSamples,
  cast: castSamples,
} satisfies { readonly [K in UnaryOp | BinaryOp | "compare" | "where" | "bits" | "cast"]: SampleRule };
