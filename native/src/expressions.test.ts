import assert from "node:assert/strict";
import { after } from "node:test";
import { type DType, dtypes, floats, isFloat, numbers } from "chainrule/base";
import { build, type Expr, type KernelMemory, runKernel } from "chainrule/kernel";
import { createNativeDevice, type NativeDevice } from "./index.ts";
import { assertAgree, bitsOf, elementwise, memoryOf, nativeTest, planOf, runPlan, ulp } from "./testing.ts";

const { index, int, number, load, mul, sub } = build;

let device: NativeDevice | undefined;
const open = async (): Promise<NativeDevice> => {
  device ??= await createNativeDevice({ threads: 2, handOver: "all" });
  return device;
};
after(() => device?.close());

/** Not a multiple of any vector. */
const length = 391;

const integers = [
  0, 1, -1, 2, -2, 3, -3, 7, -7, 31, 32, 33, 100, -128, 127, 128, 255, 256, 65535, -65536, 2147483647, -2147483648,
];
const fractions = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3.3,
  -7.7,
  65504,
  65520,
  1e-7,
  -6e-8,
  1e9,
  -3e9,
  5e9,
  Infinity,
  -Infinity,
  Number.NaN,
];

/** Values of `dtype`: the special ones in an order that depends on `stride`, so that two arrays meet in all pairs. */
function values(dtype: DType, stride: number): KernelMemory {
  const memory = memoryOf[dtype](length);
  const pool = dtype === "bool" ? [0, 1] : isFloat(dtype) ? fractions : integers;
  for (let position = 0; position < length; position++) {
    const value = pool[Math.floor(position / stride) % pool.length]!;
    memory[position] = (bitsOf[dtype] ?? Number)(value);
  }
  return memory;
}

interface Case {
  readonly name: string;
  readonly inputs: readonly DType[];
  readonly output: DType;
  readonly value: (...loads: Expr[]) => Expr;
  readonly tolerance?: number;
  /** An error that is right everywhere. */
  readonly absolute?: number;
}

const roundingOf: { readonly [D in DType]?: number } = { f32: 4 * ulp, f16: 2 ** -10, bf16: 2 ** -7 };

const unaries = [
  "neg",
  "exp",
  "expm1",
  "log",
  "log1p",
  "sqrt",
  "sin",
  "cos",
  "atan",
  "tanh",
  "erf",
  "gelu",
  "geluDerivative",
  "floor",
] as const;
const binaries = ["add", "sub", "mul", "div", "mod", "pow", "max", "min"] as const;
const shifts = ["shl", "shr"] as const;

/** Shift amounts that the interpreter and the primitive's definition agree on. */
const amount = (dtype: DType, y: Expr): Expr => build.bits("and", y, number(31, dtype));

const cases: readonly Case[] = [
  {
    name: "1 / max(x, −x) f32, at both zeros",
    inputs: ["f32"],
    output: "f32",
    value: (x) => build.binary("div", number(1, "f32"), build.binary("max", x, build.unary("neg", x))),
  },
  ...floats.flatMap((dtype) =>
    unaries.map(
      (op): Case => ({
        name: `${op}_${dtype}`,
        inputs: [dtype],
        output: dtype,
        value: (x) => build.unary(op, x!),
        tolerance: roundingOf[dtype]!,
        absolute: op.startsWith("gelu") ? 2 ** -22 : 0, // few digits in their tails, see reference/accuracy
      }),
    ),
  ),
  ...(["i32", "u32", "i8", "u8"] as const).map(
    (dtype): Case => ({ name: `neg_${dtype}`, inputs: [dtype], output: dtype, value: (x) => build.unary("neg", x!) }),
  ),
  ...numbers.flatMap((dtype) =>
    binaries
      .filter((op) => op !== "pow" || isFloat(dtype))
      .map(
        (op): Case => ({
          name: `${op}_${dtype}`,
          inputs: [dtype, dtype],
          output: dtype,
          value: (x, y) => build.binary(op, x!, y!),
          tolerance: roundingOf[dtype] ?? 0,
        }),
      ),
  ),
  ...dtypes.flatMap((dtype) =>
    (["lt", "eq"] as const).map(
      (op): Case => ({
        name: `${op}_${dtype}`,
        inputs: [dtype, dtype],
        output: "bool",
        value: (x, y) => build.compare(op, x!, y!),
      }),
    ),
  ),
  ...(["i32", "u32", "i8", "u8", "bool"] as const).flatMap((dtype) =>
    (["and", "or", "xor"] as const).map(
      (op): Case => ({
        name: `${op}_${dtype}`,
        inputs: [dtype, dtype],
        output: dtype,
        value: (x, y) => build.bits(op, x!, y!),
      }),
    ),
  ),
  ...(["i32", "u32", "i8", "u8"] as const).flatMap((dtype) =>
    shifts.map(
      (op): Case => ({
        name: `${op}_${dtype}`,
        inputs: [dtype, dtype],
        output: dtype,
        value: (x, y) => build.bits(op, x!, amount(dtype, y!)),
      }),
    ),
  ),
  ...dtypes.map(
    (dtype): Case => ({
      name: `select_${dtype}`,
      inputs: ["bool", dtype, dtype],
      output: dtype,
      value: (when, x, y) => build.select(when!, x!, y!),
    }),
  ),
  ...dtypes.flatMap((from) =>
    dtypes
      .filter((to) => to !== from)
      .map(
        (to): Case => ({ name: `cast_${from}_${to}`, inputs: [from], output: to, value: (x) => build.cast(x!, to) }),
      ),
  ),
  {
    name: "threefry",
    inputs: ["u32", "u32", "u32"],
    output: "u32",
    value: (a, b, c) => build.threefryBits(a!, b!, c!),
  },
  {
    name: "guarded_load",
    inputs: ["f32"],
    output: "f32",
    value: () => {
      const at = sub(index("i"), int(5));
      return build.select(
        build.and(build.compare("lt", int(-1), at), build.compare("lt", at, int(300))),
        load("x0", at, "f32"),
        number(-1, "f32"),
      );
    },
  },
  { name: "iota_wraps", inputs: [], output: "i32", value: () => mul(mul(index("i"), int(1000000007)), int(31)) },
  {
    name: "iota_floors",
    inputs: [],
    output: "i32",
    value: () => build.binary("div", sub(index("i"), int(200)), int(7)),
  },
  { name: "iota_mod", inputs: [], output: "i32", value: () => build.binary("mod", sub(index("i"), int(200)), int(7)) },
  { name: "gathered", inputs: ["u8", "f32"], output: "f32", value: (at) => load("x1", build.cast(at!, "i32"), "f32") },
];

nativeTest("every expression on every dtype equals the interpreter", async () => {
  const failures: string[] = [];
  // All kernels in one program: one compilation.
  const kernels = cases.map(({ name, inputs, output, value }) =>
    elementwise(`k_${name}`, inputs, output, length, value),
  );
  const memories = cases.map(({ inputs, output }) => [
    ...inputs.map((dtype, position) => values(dtype, [1, 19, 3][position]!)),
    memoryOf[output](length),
  ]);
  let next = 0;
  const slots = memories.map((group) => group.map(() => next++));
  const results = await runPlan(await open(), planOf(kernels, slots), memories.flat());
  for (const [position, { name, output, tolerance, absolute }] of cases.entries()) {
    const expected = memories[position]!;
    runKernel(kernels[position]!, expected, [], 1);
    try {
      assertAgree(results[slots[position]!.at(-1)!]!, expected.at(-1)!, output, tolerance, absolute);
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`); // assertAgree throws assertion errors only
    }
  }
  assert.deepEqual(failures, []);
});
