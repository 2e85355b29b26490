import assert from "node:assert/strict";
import { after } from "node:test";
import { type DType, isFloat, numbers } from "chainrule/base";
import { build, type Kernel, runKernel, type Stmt } from "chainrule/kernel";
import { createNativeDevice, type NativeDevice } from "./index.ts";
import { assertAgree, bitsOf, both, buffer, kernelOf, memoryOf, nativeTest, planOf, runPlan, ulp } from "./testing.ts";

const { index, int, number, load, local, add, mul } = build;

let device: NativeDevice | undefined;
const open = async (): Promise<NativeDevice> => {
  device ??= await createNativeDevice({ threads: 2, handOver: "all" });
  return device;
};
after(() => device?.close());

const reductions = (["sum", "prod", "max", "min"] as const).flatMap((op) =>
  [...numbers, "bool" as const].map((dtype) => ({ op, dtype })),
);

/** Reduces `rows` rows of `width` elements to one value each. */
function reduction(op: "sum" | "prod" | "max" | "min", dtype: DType, width: number, vector: boolean): Kernel {
  const register = isFloat(dtype) ? "f32" : dtype;
  const at = add(mul(index("task"), int(width)), index("i"));
  return kernelOf(
    `${op}_${dtype}_${width}_${vector}`,
    [buffer("x", dtype, "read"), buffer("out", register, "write")],
    [
      build.letLocal("total", register, build.identityOf(op, register)),
      build.forLoop(
        "i",
        int(0),
        int(width),
        [build.accumulate("total", op, build.cast(load("x", at, dtype), register))],
        vector,
      ),
      build.store("out", index("task"), local("total", register)),
    ],
  );
}

for (const vector of [true, false]) {
  nativeTest(`accumulate of every operation, dtype and length, ${vector ? "in lanes" : "in order"}`, async () => {
    const native = await open();
    for (const width of [1, 15, 16, 17, 100]) {
      const kernels = reductions.filter(({ op, dtype }) => dtype !== "bool" || op === "max" || op === "min");
      const rows = 3;
      const made = kernels.map(({ op, dtype }) => reduction(op, dtype, width, vector));
      const memories = kernels.map(({ op, dtype }) => {
        const x = memoryOf[dtype](rows * width);
        for (let position = 0; position < x.length; position++) {
          const value =
            dtype === "bool"
              ? Number(position % 7 === 3)
              : op === "prod"
                ? 1 + (position % 3) / 64
                : (position * 37) % 101;
          x[position] = (bitsOf[dtype] ?? Number)(isFloat(dtype) || dtype === "bool" ? value : Math.ceil(value));
        }
        return [x, memoryOf[isFloat(dtype) ? "f32" : dtype](rows)];
      });
      const slots = memories.map((_, position) => [2 * position, 2 * position + 1]);
      const results = await runPlan(native, planOf(made, slots, { tasks: rows }), memories.flat());
      for (const [position, { dtype }] of kernels.entries()) {
        runKernel(made[position]!, memories[position]!, [], rows);
        assertAgree(results[2 * position + 1]!, memories[position]![1]!, isFloat(dtype) ? "f32" : dtype, 1e-5);
      }
    }
  });
}

nativeTest("max and min of lanes propagate NaN from any position", async () => {
  const native = await open();
  for (const op of ["max", "min"] as const) {
    for (const at of [0, 5, 16, 40]) {
      const x = new Float32Array(41).fill(1);
      x[at] = Number.NaN;
      const [actual] = await both(native, reduction(op, "f32", 41, true), [x, new Float32Array(1)]);
      assert.ok(Number.isNaN(actual[1]![0]), `${op} with NaN at ${at}`);
    }
  }
});

nativeTest("statements: scratch, if, while, set, nested loops, params", async () => {
  const n = build.param("n");
  const collatz: Stmt[] = [
    build.letLocal("x", "i32", load("x", index("task"), "i32")),
    build.letLocal("steps", "i32", int(0)),
    {
      kind: "while",
      when: build.compare("lt", int(1), local("x", "i32")),
      body: [
        build.when(
          build.compare("eq", build.binary("mod", local("x", "i32"), int(2)), int(0)),
          [build.setLocal("x", build.binary("div", local("x", "i32"), int(2)))],
          [build.setLocal("x", add(mul(local("x", "i32"), int(3)), int(1)))],
        ),
        build.setLocal("steps", add(local("steps", "i32"), int(1))),
      ],
    },
    build.forLoop("i", int(0), n, [build.store("s", index("i"), add(local("steps", "i32"), index("i")))], true),
    build.forLoop("r", int(0), int(2), [
      build.forLoop(
        "i",
        int(0),
        n,
        [
          build.store(
            "out",
            add(mul(add(mul(index("task"), int(2)), index("r")), n), index("i")),
            mul(load("s", index("i"), "i32"), add(index("r"), int(1))),
          ),
        ],
        true,
      ),
    ]),
  ];
  const kernel = kernelOf(
    "collatz",
    [
      buffer("x", "i32", "read"),
      buffer("out", "i32", "write"),
      buffer("t", "u8", "scratch", 3),
      buffer("s", "i32", "scratch", 9),
    ],
    collatz,
    ["n"],
  );
  const [actual, expected] = await both(
    await open(),
    kernel,
    [Int32Array.of(1, 2, 7, 27, 97), new Int32Array(5 * 2 * 9)],
    { tasks: 5, params: [9] },
  );
  assert.deepEqual(actual, expected);
});

nativeTest("names that mean something in C are only names", async () => {
  const kernel = kernelOf(
    "double",
    [buffer("int", "f32", "read"), buffer("restrict", "f32", "write"), buffer("scratch", "f32", "scratch", 4)],
    [
      build.letLocal("exp", "f32", build.unary("exp", load("int", index("task"), "f32"))),
      build.letLocal(
        "exp_f32",
        "f32",
        add(local("exp", "f32"), build.param("task-count").kind === "param" ? number(1, "f32") : number(2, "f32")),
      ),
      build.forLoop(
        "pow",
        int(0),
        build.param("task-count"),
        [build.store("scratch", index("pow"), local("exp_f32", "f32"))],
        true,
      ),
      build.store("restrict", index("task"), load("scratch", int(2), "f32")),
    ],
    ["task-count"],
  );
  const [actual, expected] = await both(await open(), kernel, [Float32Array.of(0, 1), new Float32Array(2)], {
    tasks: 2,
    params: [4],
  });
  assertAgree(actual[1]!, expected[1]!, "f32", 4 * ulp);
});

nativeTest("tile, for every depth and distance, set and added to", async () => {
  const native = await open();
  const { rows, columns } = native.target.tile;
  const distances = [{}, { aRow: 40, aStep: 1 }, { aRow: 1, aStep: rows + 3, bStep: 2 * columns }];
  for (const [depth, strides] of [0, 1, 2, 37].flatMap((depth) => distances.map((each) => [depth, each] as const))) {
    for (const accumulate of [false, true]) {
      const pitch = columns + 5;
      const kernel = kernelOf(
        `tile_${depth}_${accumulate}`,
        [buffer("a", "f32", "read"), buffer("b", "f32", "read"), buffer("c", "f32", "readwrite")],
        [
          {
            kind: "tile",
            a: { buffer: "a", at: int(3) },
            b: { buffer: "b", at: int(1) },
            c: { buffer: "c", at: int(2) },
            pitch,
            rows,
            columns,
            ...strides,
            depth: build.param("depth"),
            accumulate,
          },
        ],
        ["depth"],
      );
      const fill = (count: number, seed: number): Float32Array =>
        Float32Array.from({ length: count }, (_, position) => ((position * seed) % 17) - 8);
      const [actual, expected] = await both(
        native,
        kernel,
        [fill(3 + 40 * (rows + 3), 5), fill(1 + 2 * depth * columns, 7), fill(2 + rows * pitch, 3)],
        { params: [depth] },
      );
      assert.deepEqual(actual[2], expected[2]); // small integers: exact in any order
    }
  }
});
