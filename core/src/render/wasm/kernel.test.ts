import assert from "node:assert/strict";
import { test } from "node:test";
import { type DType, dtypes, isFloat } from "../../base/dtype.ts";
import { bf16FromBits, bf16ToBits, f16FromBits, f16ToBits } from "../../base/half.ts";
import * as b from "../../kernel/build.ts";
import { runKernel } from "../../kernel/interpret.ts";
import type { AccumulateName, Expr, Kernel, KernelBuffer, Stmt } from "../../kernel/ir.ts";
import { ModuleWriter } from "./assembler.ts";
import { requireEngine } from "./engine.ts";
import { kernelFunction } from "./kernel.ts";
import { Library } from "./library.ts";

type Memory = Parameters<typeof runKernel>[1][number];

const arrays: {
  readonly [D in DType]: new (
    buffer: ArrayBuffer | SharedArrayBuffer | number,
    offset?: number,
    length?: number,
  ) => Memory;
} = {
  f32: Float32Array,
  f16: Uint16Array,
  bf16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i8: Int8Array,
  u8: Uint8Array,
  bool: Uint8Array,
} as never; // the constructors' overloads are wider than what is used here

/** Runs a kernel's WebAssembly on copies of `memory`. */
function runWasm(kernel: Kernel, memory: readonly Memory[], params: readonly number[], tasks: number): Memory[] {
  const module = new ModuleWriter();
  const library = new Library(module, false);
  module.export("kernel", module.add("kernel", kernelFunction(kernel, library)));
  const bytes = module.finish({ shared: false, minimum: 1, maximum: 65536 });
  const engine = requireEngine();
  assert.ok(engine.validate(bytes), `${kernel.name} validates`);
  const host = new engine.Memory({ initial: 16, maximum: 16, shared: false });
  const instance = new engine.Instance(new engine.Module(bytes), { host: { memory: host } });
  let next = 1024;
  const places = memory.map((array) => {
    const place = next;
    next = Math.ceil((place + array.byteLength + 64) / 64) * 64;
    return place;
  });
  const views = memory.map((array, index) => {
    const bound = kernel.buffers[index]!;
    const view = new arrays[bound.dtype](host.buffer, places[index]!, array.length);
    view.set(array);
    return view;
  });
  for (let task = 0; task < tasks; task++) instance.exports["kernel"]!(...places, ...params, task, next);
  return views.map((view) => view.slice());
}

const decode = (value: number, dtype: DType): number =>
  dtype === "f16" ? f16FromBits(value) : dtype === "bf16" ? bf16FromBits(value) : value;

function assertSame(kernel: Kernel, actual: readonly Memory[], expected: readonly Memory[]): void {
  const least = kernel.name.startsWith("gelu") ? 2 ** -22 : 1e-37; // few digits in its tails, see reference/accuracy
  expected.forEach((array, position) => {
    const { name, dtype } = kernel.buffers[position]!;
    array.forEach((value, index) => {
      const [want, got] = [decode(value, dtype), decode(actual[position]![index]!, dtype)];
      if (Object.is(want, got) || want === got) return;
      const tolerance = !isFloat(dtype) ? 0 : Math.max(Math.abs(want) * (dtype === "f32" ? 3e-7 : 0.01), least);
      assert.ok(Math.abs(want - got) <= tolerance, `${kernel.name}: ${name}[${index}] is ${got}, interpreted ${want}`);
    });
  });
}

function check(kernel: Kernel, memory: readonly Memory[], params: readonly number[] = [], tasks = 1): void {
  const expected = memory.map((array) => array.slice());
  const actual = runWasm(kernel, memory, params, tasks);
  runKernel(kernel, expected as Memory[], params, tasks);
  assertSame(kernel, actual, expected);
}

const samples: { readonly [D in DType]: readonly number[] } = {
  f32: [
    0,
    -0,
    1,
    -1.5,
    2.25,
    -3,
    0.1,
    1e-3,
    7,
    -8.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    3e9,
    -3e9,
    255.5,
    1e-40,
  ],
  f16: [0, -0, 1, -1.5, 2.25, 65504, 0.1, -7.3, 6e-8, Number.NaN, Number.POSITIVE_INFINITY, 12.125].map(f16ToBits),
  bf16: [0, 1, -1.5, 2.25, 3e38, 0.1, -7.3, 1e-40, Number.NaN, Number.POSITIVE_INFINITY, 12.125].map(bf16ToBits),
  i32: [0, 1, -1, 7, -7, 3, -3, 2147483647, -2147483648, 100, 31, 32, 33, 1000003],
  u32: [0, 1, 4294967295, 7, 3, 2147483648, 100, 31, 32, 33, 1000003],
  i8: [0, 1, -1, 127, -128, 5, -5, 31, 64],
  u8: [0, 1, 255, 128, 5, 31, 32, 64],
  bool: [0, 1, 1, 0, 1],
};

/** `length` elements: the samples of a dtype, in an order that depends on `seed`. */
const data = (dtype: DType, length: number, seed: number): Memory => {
  const array = new arrays[dtype](length);
  const values = samples[dtype];
  for (let i = 0; i < length; i++)
    array[i] = values[(i * (seed * 2 + 1) + seed * 3 + Math.floor(i / values.length)) % values.length]!;
  return array;
};

const buffer = (name: string, dtype: DType, role: KernelBuffer["role"] = "read", elements = 0): KernelBuffer => ({
  name,
  dtype,
  role,
  elements,
});
const kernel = (
  name: string,
  buffers: readonly KernelBuffer[],
  body: readonly Stmt[],
  params: readonly string[] = [],
): Kernel => ({
  name,
  scope: "",
  buffers,
  params,
  body,
  flops: 0,
  bytes: 0,
});

const i = b.index("i");
const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 37];

/** out[i] = expr for i < n, in one loop: as vectors, one by one, and with n unknown to the renderer. */
function checkMap(name: string, inputs: readonly DType[], out: DType, expr: Expr): void {
  for (const vector of [true, false]) {
    for (const known of [true, false]) {
      for (const length of lengths) {
        const body = [
          b.forLoop("i", b.int(0), known ? b.int(length) : b.param("n"), [b.store("out", i, expr)], vector),
        ];
        const buffers = [...inputs.map((dtype, index) => buffer("xyz"[index]!, dtype)), buffer("out", out, "write")];
        const memory = [...inputs.map((dtype, index) => data(dtype, 40, index)), new arrays[out](40)];
        check(kernel(`${name}_${length}${vector ? "_vector" : ""}`, buffers, body, ["n"]), memory, [length]);
      }
    }
  }
}

const x = (dtype: DType): Expr => b.load("x", i, dtype);
const y = (dtype: DType): Expr => b.load("y", i, dtype);

test("unary operations of every dtype equal the interpreter's", () => {
  for (const dtype of ["f32", "f16", "bf16"] as const) {
    for (const op of [
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
    ] as const) {
      checkMap(`${op}_${dtype}`, [dtype], dtype, b.unary(op, x(dtype)));
    }
  }
  for (const dtype of ["i32", "u32", "i8", "u8"] as const)
    checkMap(`neg_${dtype}`, [dtype], dtype, b.unary("neg", x(dtype)));
});

test("binary operations of every dtype equal the interpreter's", () => {
  for (const dtype of dtypes.filter((each) => each !== "bool")) {
    for (const op of ["add", "sub", "mul", "div", "mod", "max", "min"] as const) {
      checkMap(`${op}_${dtype}`, [dtype, dtype], dtype, b.binary(op, x(dtype), y(dtype)));
    }
  }
  checkMap("pow", ["f32", "f32"], "f32", b.binary("pow", x("f32"), y("f32")));
});

test("comparisons, choices and casts of every dtype equal the interpreter's", () => {
  for (const dtype of dtypes) {
    for (const op of ["lt", "eq"] as const) {
      const condition = b.compare(op, x(dtype), y(dtype));
      checkMap(`${op}_${dtype}`, [dtype, dtype], "bool", condition);
      checkMap(`select_${op}_${dtype}`, [dtype, dtype], dtype, b.select(condition, x(dtype), y(dtype)));
    }
    for (const to of dtypes) checkMap(`cast_${dtype}_${to}`, [dtype], to, b.cast(x(dtype), to));
  }
});

test("limits and masks equal the interpreter's", () => {
  const f32 = (value: number): Expr => b.number(value, "f32");
  for (const limit of [0, -0, 1.5, -3, Number.NaN, Number.POSITIVE_INFINITY]) {
    checkMap(`max_${limit}`, ["f32"], "f32", b.binary("max", x("f32"), f32(limit)));
    checkMap(`min_${limit}`, ["f32"], "f32", b.binary("min", x("f32"), f32(limit)));
  }
  const negative = b.compare("lt", x("f32"), f32(0));
  checkMap("then_zero", ["f32"], "f32", b.select(negative, f32(0), b.unary("sqrt", x("f32"))));
  checkMap("else_zero", ["f32"], "f32", b.select(negative, b.unary("neg", x("f32")), f32(0)));
  checkMap("else_negative_zero", ["f32"], "f32", b.binary("div", f32(1), b.select(negative, f32(1), f32(-0))));
  checkMap("whole", ["f32", "i32"], "i32", b.select(negative, b.add(y("i32"), b.int(1)), b.int(0)));
});

test("bit operations of every dtype equal the interpreter's", () => {
  for (const dtype of ["i32", "u32", "i8", "u8", "bool"] as const) {
    for (const op of ["and", "or", "xor"] as const)
      checkMap(`${op}_${dtype}`, [dtype, dtype], dtype, b.bits(op, x(dtype), y(dtype)));
    if (dtype === "bool") continue;
    for (const op of ["shl", "shr"] as const) {
      checkMap(`${op}_${dtype}`, [dtype, dtype], dtype, b.bits(op, x(dtype), y(dtype)));
      for (const count of [0, 3, 31, 32])
        checkMap(`${op}${count}_${dtype}`, [dtype], dtype, b.bits(op, x(dtype), b.number(count, dtype)));
    }
  }
  checkMap("threefry", ["u32"], "u32", b.threefryBits(b.number(17, "u32"), x("u32"), b.cast(i, "u32")));
});

test("addresses of any stride, gathers and guarded loads equal the interpreter's", () => {
  const gather = b.load("x", b.cast(b.load("y", i, "i32"), "i32"), "f32");
  const indices = Int32Array.from({ length: 40 }, (_, at) => (at * 7) % 40);
  const guarded = (shift: number): Expr =>
    b.select(
      b.and(
        b.not(b.compare("lt", b.sub(i, b.int(shift)), b.int(0))),
        b.compare("lt", b.sub(i, b.int(shift)), b.int(40)),
      ),
      b.load("x", b.sub(i, b.int(shift)), "f32"),
      b.number(-1, "f32"),
    );
  const cases: { readonly [name: string]: Expr } = {
    gather,
    reversed: b.load("x", b.sub(b.int(39), i), "f32"),
    strided: b.load("x", b.mul(i, b.int(2)), "f32"),
    modulo: b.load("x", b.binary("mod", b.mul(i, b.int(5)), b.int(13)), "f32"),
    quotient: b.load("x", b.binary("div", i, b.int(3)), "f32"),
    invariant: b.add(b.load("x", b.int(3), "f32"), b.unary("exp", b.load("x", b.int(4), "f32"))),
    padded: guarded(3),
    paddedFar: guarded(-30),
    index: b.cast(b.add(i, b.int(5)), "f32"),
    nested: b.select(
      b.compare("lt", i, b.int(6)),
      b.select(b.compare("eq", b.binary("mod", i, b.int(2)), b.int(0)), guarded(2), b.number(2, "f32")),
      gather,
    ),
  };
  for (const [name, expr] of Object.entries(cases)) {
    for (const vector of [true, false]) {
      for (const length of [1, 4, 7, 19]) {
        for (const stride of [1, 2]) {
          const body = [
            b.forLoop("i", b.int(0), b.int(length), [b.store("out", b.mul(i, b.int(stride)), expr)], vector),
          ];
          const buffers = [buffer("x", "f32"), buffer("y", "i32"), buffer("out", "f32", "write")];
          check(kernel(`${name}_${length}_${stride}`, buffers, body), [
            Float32Array.from({ length: 40 }, (_, at) => at + 0.5),
            indices,
            new Float32Array(40),
          ]);
        }
      }
    }
  }
});

test("a guarded load far outside memory is not made", () => {
  const at = b.mul(i, b.int(1 << 28));
  const body = [
    b.forLoop(
      "i",
      b.int(0),
      b.int(9),
      [b.store("out", i, b.select(b.compare("lt", at, b.int(1)), b.compare("lt", b.int(-1), at), b.bool(false)))],
      true,
    ),
  ];
  const load = b.select(
    b.compare("eq", i, b.int(0)),
    b.load("x", b.add(i, b.mul(i, b.int(1 << 27))), "f32"),
    b.number(5, "f32"),
  );
  check(kernel("far", [buffer("x", "f32"), buffer("out", "bool", "write")], body), [
    new Float32Array(4),
    new Uint8Array(9),
  ]);
  const second = [b.forLoop("i", b.int(0), b.int(9), [b.store("out", i, load)], true)];
  check(kernel("far_load", [buffer("x", "f32"), buffer("out", "f32", "write")], second), [
    Float32Array.of(3, 4),
    new Float32Array(9),
  ]);
});

test("accumulations of every dtype equal the interpreter's, at every length", () => {
  for (const dtype of dtypes) {
    for (const op of ["sum", "prod", "max", "min"] as const satisfies readonly AccumulateName[]) {
      if (dtype === "bool" && (op === "sum" || op === "prod")) continue;
      for (const vector of [true, false]) {
        for (const length of lengths) {
          const body = [
            b.letLocal("total", dtype, b.identityOf(op, dtype)),
            b.forLoop(
              "i",
              b.int(0),
              b.param("n"),
              [b.letLocal("v", dtype, x(dtype)), b.accumulate("total", op, b.local("v", dtype))],
              vector,
            ),
            b.store("out", b.int(0), b.local("total", dtype)),
          ];
          // Integers that are exact in any order of summation.
          const values = isFloat(dtype)
            ? new arrays[dtype](40).map((_, at) =>
                (dtype === "f16" ? f16ToBits : dtype === "bf16" ? bf16ToBits : Number)((at % 5) - 1),
              )
            : data(dtype, 40, 1);
          check(
            kernel(`${op}_${dtype}_${length}`, [buffer("x", dtype), buffer("out", dtype, "write")], body, ["n"]),
            [values as Memory, new arrays[dtype](1)],
            [length],
          );
        }
      }
    }
  }
});

test("NaN goes through max and min accumulations, in any lane", () => {
  for (const op of ["max", "min"] as const) {
    for (let where = 0; where < 11; where++) {
      const body = [
        b.letLocal("total", "f32", b.identityOf(op, "f32")),
        b.forLoop("i", b.int(0), b.int(11), [b.accumulate("total", op, x("f32"))], true),
        b.store("out", b.int(0), b.local("total", "f32")),
      ];
      const values = Float32Array.from({ length: 11 }, (_, at) => (at === where ? Number.NaN : at));
      const [, out] = runWasm(
        kernel(op, [buffer("x", "f32"), buffer("out", "f32", "write")], body),
        [values, new Float32Array(1)],
        [],
        1,
      );
      assert.ok(Number.isNaN(out![0]!), `${op} with NaN at ${where}`);
    }
  }
});

test("nested loops, row clusters, while, if and scratch equal the interpreter's", () => {
  const j = b.index("j");
  const task = b.index("task");
  const columns = 11;
  const at = (column: Expr): Expr => b.add(b.mul(task, b.int(columns)), column);
  const softmax: Stmt[] = [
    b.letLocal("top", "f32", b.number(Number.NEGATIVE_INFINITY, "f32")),
    b.forLoop("j", b.int(0), b.int(columns), [b.accumulate("top", "max", b.load("x", at(j), "f32"))], true),
    b.letLocal("total", "f32", b.number(0, "f32")),
    b.forLoop(
      "j",
      b.int(0),
      b.int(columns),
      [
        b.letLocal("e", "f32", b.unary("exp", b.sub(b.load("x", at(j), "f32"), b.local("top", "f32")))),
        b.store("row", j, b.local("e", "f32")),
        b.accumulate("total", "sum", b.local("e", "f32")),
      ],
      true,
    ),
    b.forLoop(
      "j",
      b.int(0),
      b.int(columns),
      [b.store("out", at(j), b.binary("div", b.load("row", j, "f32"), b.local("total", "f32")))],
      true,
    ),
  ];
  const values = Float32Array.from({ length: 5 * columns }, (_, position) => Math.sin(position * 3) * 4);
  check(
    kernel(
      "softmax",
      [buffer("x", "f32"), buffer("out", "f32", "write"), buffer("row", "f32", "scratch", columns)],
      softmax,
    ),
    [values, new Float32Array(5 * columns)],
    [],
    5,
  );

  const collatz: Stmt[] = [
    b.forLoop("i", b.int(0), b.int(20), [
      b.letLocal("n", "i32", b.add(i, b.int(1))),
      b.letLocal("steps", "i32", b.int(0)),
      {
        kind: "while",
        when: b.compare("lt", b.int(1), b.local("n", "i32")),
        body: [
          b.when(
            b.compare("eq", b.binary("mod", b.local("n", "i32"), b.int(2)), b.int(0)),
            [b.setLocal("n", b.binary("div", b.local("n", "i32"), b.int(2)))],
            [b.setLocal("n", b.add(b.mul(b.local("n", "i32"), b.int(3)), b.int(1)))],
          ),
          b.accumulate("steps", "sum", b.int(1)),
        ],
      },
      b.store("out", i, b.local("steps", "i32")),
    ]),
  ];
  check(kernel("collatz", [buffer("out", "i32", "write")], collatz), [new Int32Array(20)]);
});

test("a downward counter is not taken for a natural number", () => {
  const n = b.local("n", "i32");
  const body: Stmt[] = [
    b.letLocal("n", "i32", b.int(5)),
    {
      kind: "while",
      when: b.compare("lt", b.int(-6), n),
      body: [b.store("out", b.add(n, b.int(6)), b.binary("div", n, b.int(2))), b.setLocal("n", b.sub(n, b.int(1)))],
    },
  ];
  check(kernel("down", [buffer("out", "i32", "write")], body), [new Int32Array(20)]);
});

test("the register tile equals the interpreter's, at every depth and distance", () => {
  for (const [rows, columns] of [
    [6, 8],
    [4, 8],
    [1, 4],
    [3, 12],
  ] as const) {
    for (const strides of [{}, { aRow: 11, aStep: 1 }, { aRow: 1, aStep: 7, bStep: columns + 3 }])
      for (const accumulate of [false, true]) {
        for (let depth = 0; depth < 10; depth++) {
          const place = (name: string, from: Expr) => ({ buffer: name, at: from });
          const body: Stmt[] = [
            b.forLoop("i", b.int(0), b.int(2), [
              {
                kind: "tile",
                a: place("a", b.int(1)),
                b: place("b", b.mul(i, b.int(8))),
                c: place("c", b.mul(i, b.int(120))),
                pitch: 17,
                rows,
                columns,
                ...strides,
                depth: b.param("depth"),
                accumulate,
              },
            ]),
          ];
          const fill = (length: number, seed: number): Float32Array =>
            Float32Array.from({ length }, (_, at) => ((at * seed) % 13) - 6);
          check(
            kernel(
              `tile_${rows}x${columns}_${depth}`,
              [buffer("a", "f32"), buffer("b", "f32"), buffer("c", "f32", "readwrite")],
              body,
              ["depth"],
            ),
            [fill(100, 5), fill(200, 7), fill(300, 3)],
            [depth],
          );
        }
      }
  }
});

test("random expressions over all kinds equal the interpreter's", () => {
  let state = 7;
  const random = (bound: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const make = (depth: number): Expr => {
    const leaf = [
      () => b.load("x", i, "f32"),
      () => b.load("y", i, "f32"),
      () => b.number(random(9) - 4, "f32"),
      () => b.cast(i, "f32"),
      () => b.load("x", b.int(random(5)), "f32"),
      () => b.cast(b.load("m", i, "bool"), "f32"),
    ];
    if (depth === 0) return leaf[random(leaf.length)]!();
    const inner = (): Expr => make(random(depth));
    const build = [
      () => b.add(inner(), inner()),
      () => b.mul(inner(), inner()),
      () => b.binary("max", inner(), inner()),
      () => b.select(b.compare("lt", inner(), inner()), inner(), inner()),
      () => b.select(b.load("m", i, "bool"), inner(), inner()),
      () => b.select(b.compare("lt", b.cast(b.param("n"), "f32"), inner()), inner(), inner()),
      () => b.unary("tanh", inner()),
      () => b.cast(b.binary("mod", b.cast(inner(), "i32"), b.int(random(7) + 1)), "f32"),
      () => b.cast(b.bits("and", b.cast(inner(), "i32"), b.int(random(255))), "f32"),
    ];
    return build[random(build.length)]!();
  };
  for (let round = 0; round < 300; round++) {
    const expr = make(5);
    const length = random(20);
    const body = [b.forLoop("i", b.int(0), b.int(length), [b.store("out", i, expr)], true)];
    const buffers = [buffer("x", "f32"), buffer("y", "f32"), buffer("m", "bool"), buffer("out", "f32", "write")];
    const numbers = (seed: number): Float32Array =>
      Float32Array.from({ length: 20 }, (_, at) => ((at * seed) % 17) / 4 - 2);
    check(
      kernel(`random_${round}`, buffers, body, ["n"]),
      [numbers(5), numbers(3), data("bool", 20, 2), new Float32Array(20)],
      [3],
    );
  }
});

test("long loops touch the next page only where they will come to, and nothing that a condition guards", () => {
  const memoryBytes = 16 * 65536; // of runWasm, whose first 1024 bytes are not used
  const touching = (length: number, from: number, to: Expr, value: Expr): Kernel =>
    kernel(
      `touching_${length}_${from}`,
      [buffer("x", "f32", "readwrite"), ...(value.kind === "unary" ? [] : [buffer("y", "f32")])],
      [b.forLoop("i", b.int(from), to, [b.store("x", i, value)], true)],
      ["n"],
    );
  // Both lie in front of the memory's end, behind which every access traps: x in the first kernels, y in the last one.
  const whole = (memoryBytes - 1024) / 4;
  const [few, many] = [16, (memoryBytes - 1024 - 128) / 4];
  for (const from of [0, 3, 1021]) {
    for (const to of [b.int(whole), b.param("n")])
      check(touching(whole, from, to, b.unary("neg", x("f32"))), [data("f32", whole, 1)], [whole]);
  }
  const guarded = b.select(b.compare("lt", i, b.int(few)), y("f32"), b.number(1, "f32"));
  const memory = [data("f32", many, 1), data("f32", few, 2)];
  check(touching(many, 0, b.param("n"), b.add(x("f32"), guarded)), memory, [many]);
});
