import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ArgumentError, DataError, DeviceError, DTypeError, ShapeError, TraceError } from "../base/errors.ts";
import {
  add,
  arange,
  deviceReport,
  engineStatistics,
  eye,
  full,
  jit,
  linspace,
  matmul,
  ones,
  random,
  setDevice,
  setRandomSeed,
  type Tensor,
  tensor,
  variable,
  where,
  zeros,
} from "./index.ts";

before(() => setDevice("reference"));

const message = (pattern: RegExp, type: abstract new (...args: never[]) => Error) => (error: unknown) => {
  assert(error instanceof type, String(error));
  assert.match(error.message, pattern);
  return true;
};

test("values come back in the typed array of their dtype, and nested", async () => {
  const dtypes = [
    ["f32", Float32Array],
    ["f16", Float32Array],
    ["bf16", Float32Array],
    ["i32", Int32Array],
    ["u32", Uint32Array],
    ["i8", Int8Array],
    ["u8", Uint8Array],
    ["bool", Uint8Array],
  ] as const;
  for (const [dtype, type] of dtypes) {
    const t = tensor(
      [
        [1, 0],
        [1, 1],
      ],
      { dtype },
    );
    const data = await t.data();
    assert(data instanceof type, dtype);
    assert.deepEqual([...data], [1, 0, 1, 1], dtype);
    assert.deepEqual(await t.reshape([4]).array(), [1, 0, 1, 1], dtype);
    assert.deepEqual(
      await t.array(),
      [
        [1, 0],
        [1, 1],
      ],
      dtype,
    );
  }
});

test("typed arrays keep their element type, take a shape, and are copied", async () => {
  const source = Int32Array.of(1, 2, 3, 4);
  const t = tensor(source, { shape: [2, 2] });
  source[0] = 9;
  assert.equal(t.dtype, "i32");
  assert.deepEqual(await t.array(), [
    [1, 2],
    [3, 4],
  ]);
  const data = await t.data();
  data[0] = 7;
  assert.deepEqual([...(await t.data())], [1, 2, 3, 4]);
});

test("creation", async () => {
  assert.deepEqual(await zeros([2]).array(), [0, 0]);
  assert.deepEqual(await ones([2], "i32").array(), [1, 1]);
  assert.deepEqual(await full([1, 2], 3).array(), [[3, 3]]);
  assert.deepEqual(await arange(3).array(), [0, 1, 2]);
  assert.deepEqual(await arange(1, 6, { step: 2 }).array(), [1, 3, 5]);
  assert.deepEqual(await linspace(0, 1, 3).array(), [0, 0.5, 1]);
  assert.deepEqual(await eye(2).array(), [
    [1, 0],
    [0, 1],
  ]);
  assert.equal(await tensor(5).item(), 5);
  assert.equal(tensor([true, false]).dtype, "bool");
  assert.deepEqual(tensor([]).shape, [0]);
  assert.deepEqual(await tensor([[], []]).array(), [[], []]);
});

test("ragged and mixed input is refused, naming the place", () => {
  assert.throws(
    () => tensor([[1, 2], [3]] as number[][]),
    message(/ragged at \[1\][\s\S]*1 elements[\s\S]*2/, DataError),
  );
  assert.throws(() => tensor([[1, 2], 3]), message(/ragged at \[1\][\s\S]*the number 3/, DataError));
  assert.throws(() => tensor([1, [2]]), message(/ragged at \[1\][\s\S]*an array of 1[\s\S]*a number/, DataError));
  assert.throws(
    () =>
      tensor([
        [[1], [2]],
        [[3], [4, 5]],
      ]),
    message(/ragged at \[1\]\[1\]/, DataError),
  );
  assert.throws(() => tensor([1, true]), message(/numbers and booleans/, DTypeError));
  assert.throws(
    () => tensor([1, 2, 3], { shape: [2, 2] }),
    message(/3 values do not fill the shape \[2, 2\]/, ShapeError),
  );
  assert.throws(() => zeros([2, -1]), message(/-1 is not a size/, ArgumentError));
  const loose: number[] = JSON.parse("3"); // what plain JavaScript may pass
  assert.throws(
    () => zeros(loose),
    message(/a shape is a list of sizes, received 3\n +hint +one axis of 3 is \[3\]/, ArgumentError),
  );
});

test("dtypes never mix silently; numbers and host arrays are weak", async () => {
  const whole = tensor([1, 2], { dtype: "i32" });
  assert.throws(() => whole.add(tensor([1, 2])), message(/dtypes differ, i32 and f32[\s\S]*cast/, DTypeError));
  assert.deepEqual(await whole.add(1).array(), [2, 3]);
  assert.equal(whole.add([1, 1]).dtype, "i32");
  assert.equal(add(1, whole).dtype, "i32");
});

test("shape errors name both shapes", () => {
  const left: Tensor = zeros([32, 784]);
  const right: Tensor = zeros([512, 128]);
  assert.throws(() => left.matmul(right), message(/784 and 512[\s\S]*\[32, 784\][\s\S]*\[512, 128\]/, ShapeError));
  assert.throws(() => matmul(left, right), message(/784/, ShapeError));
});

test("one program for all values that are asked for together, one compilation for equal expressions", async () => {
  const start = engineStatistics();
  const x = tensor([1, 2, 3]);
  const [a, b] = [x.mul(2).add(1), x.exp().sum()];
  assert.equal(engineStatistics().runs, start.runs, "nothing ran yet");
  await Promise.all([a.data(), b.data()]);
  assert.equal(engineStatistics().runs, start.runs + 1);
  assert.equal(engineStatistics().compiled, start.compiled + 1);
  for (let i = 0; i < 20; i++) await tensor([i, i, i]).sin().mul(3).sum().item();
  const after = engineStatistics();
  assert.equal(after.compiled, start.compiled + 2);
  assert.equal(after.runs, start.runs + 21);
  await a.data();
  assert.equal(engineStatistics().runs, after.runs, "what is known is not computed again");
});

test("a constant that changes from call to call becomes an input of the program", async () => {
  const x = tensor([1, 2, 3]);
  const start = engineStatistics().compiled;
  for (let i = 0; i < 20; i++) assert.deepEqual(await x.mul(i).sub(0.5).array(), [i - 0.5, 2 * i - 0.5, 3 * i - 0.5]);
  assert(engineStatistics().compiled - start <= 2, `${engineStatistics().compiled - start} compilations`);
});

test("so does the start of a slice", async () => {
  const x = arange(40).reshape([10, 4]);
  await x.data();
  const start = engineStatistics().compiled;
  for (let i = 0; i < 7; i++) {
    const part = x
      .slice([
        { start: i, stop: i + 3 },
        { start: 3 - (i % 4), stop: undefined, step: -1 },
      ])
      .slice(["...", 0]);
    assert.deepEqual(
      await part.array(),
      [0, 1, 2].map((row) => 4 * (i + row) + 3 - (i % 4)),
    );
  }
  for (let i = 0; i < 7; i++) assert.equal(await x.slice([i, 1]).item(), 4 * i + 1);
  const { compiled } = engineStatistics();
  // Slices that end elsewhere have other sizes, and are other programs.
  assert(compiled - start <= 10, `${compiled - start} compilations`);
});

test("long chains are cut: their programs stay small, and equal parts are compiled once", async () => {
  let x = tensor([1, 2, 3]) as Tensor;
  const start = engineStatistics();
  for (let i = 0; i < 5000; i++) x = x.add(1);
  assert.deepEqual(await x.array(), [5001, 5002, 5003]);
  const { compiled, runs } = engineStatistics();
  assert(compiled - start.compiled <= 3, `${compiled - start.compiled} compilations`);
  assert(runs - start.runs > 5, `${runs - start.runs} runs`);
});

test("a computed value cuts the graph: dependents start from it", async () => {
  const x = tensor([1, 2]);
  const y = x.exp();
  const z = y.add(1);
  await y.data();
  const { runs } = engineStatistics();
  assert.deepEqual(
    [...(await z.data())],
    [Math.fround(Math.fround(Math.E) + 1), Math.fround(Math.fround(Math.exp(2)) + 1)],
  );
  assert.equal(engineStatistics().runs, runs + 1);
});

test("toString shows values that the host has, and types otherwise", async () => {
  assert.equal(String(tensor([1.5, 2])), "tensor([1.5, 2], f32 [2])");
  assert.equal(String(tensor(true)), "tensor(true, bool)");
  const sum = tensor([1, 2]).add(1);
  assert.equal(String(sum), "tensor(f32 [2])");
  await sum.data();
  assert.equal(String(sum), "tensor([2, 3], f32 [2])");
  assert.equal(
    `${tensor([
      [1, 2],
      [3, 4],
    ])}`,
    "tensor([[1, 2],\n        [3, 4]], f32 [2, 2])",
  );
  assert.match(String(tensor(new Float32Array(2000))), /\[0, 0, 0, \.\.\., 0, 0, 0\]/);
});

test("a tensor is not a number", () => {
  const x = tensor(3);
  assert.throws(() => Number(x), message(/is not a number[\s\S]*item\(\)/, ArgumentError));
  // @ts-expect-error: the types refuse it too
  assert.throws(() => x > 2, message(/is not a number/, ArgumentError));
});

test("item wants one element", async () => {
  await assert.rejects(tensor([1, 2]).item(), message(/2 elements, not one/, ArgumentError));
});

test("at: exchange elements in a new tensor", async () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const cases: readonly [string, Tensor, unknown][] = [
    [
      "set a number",
      x.at(0, 1).set(9),
      [
        [1, 9, 3],
        [4, 5, 6],
      ],
    ],
    [
      "set a row",
      x.at(-1).set([7, 8, 9]),
      [
        [1, 2, 3],
        [7, 8, 9],
      ],
    ],
    [
      "set a column",
      x.at("...", 0).set(0),
      [
        [0, 2, 3],
        [0, 5, 6],
      ],
    ],
    [
      "add with a step",
      x.at("...", { step: 2 }).add(10),
      [
        [11, 2, 13],
        [14, 5, 16],
      ],
    ],
    [
      "max",
      x.at(0).max(2),
      [
        [2, 2, 3],
        [4, 5, 6],
      ],
    ],
    ["get", x.at(0, { start: 1 }).get(), [2, 3]],
    [
      "rows by index",
      x.at(tensor([1, 1], { dtype: "i32" })).add(1),
      [
        [1, 2, 3],
        [6, 7, 8],
      ],
    ],
  ];
  for (const [name, result, expected] of cases) assert.deepEqual(await result.array(), expected, name);
  assert.deepEqual(
    await x.array(),
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    "x itself is as it was",
  );
});

test("where, with a condition of its own dtype", async () => {
  assert.deepEqual(await where(tensor([true, false]), [1, 2], 0).array(), [1, 0]);
});

test("dispose frees at once; what was disposed too early is named", async () => {
  const device = await setDevice("reference");
  await tensor([0]).add(1).data();
  const before = device.memory().bytes;
  {
    using x = tensor(new Float32Array(2000));
    using y = x.add(1);
    await y.data();
    assert.equal(device.memory().bytes, before + 16000);
  }
  await tensor([0]).add(1).data();
  assert(device.memory().bytes < before + 100, `${device.memory().bytes - before} bytes more`);

  const x = tensor([1, 2, 3]);
  const late = x.mul(3);
  x.dispose();
  await assert.rejects(late.data(), message(/was disposed before/, TraceError));
  const same = tensor([1, 2]);
  const view = same.reshape([2]);
  same.dispose();
  assert.deepEqual(await view.array(), [1, 2], "another tensor on the same value keeps it");
});

test("the default generator: seeded, advancing, and inside jit too", async () => {
  setRandomSeed(7);
  const eager = [await random.normal([2]).array(), await random.normal([2]).array()];
  assert.notDeepEqual(eager[0], eager[1]);
  setRandomSeed(7);
  const draw = jit(() => random.normal([2]));
  const traced = [await draw().array(), await draw().array()];
  assert.deepEqual(traced, eager, "jitted draws continue the same sequence");
  setRandomSeed(8);
  assert.notDeepEqual(await draw().array(), eager[0]);
  setRandomSeed(7);
  await draw().array();
  assert.deepEqual(await random.normal([2]).array(), eager[1], "eager draws continue after jitted ones");
});

test("keys give the same numbers every time, and split and fold into new ones", async () => {
  const key = random.key(1);
  const first = await random.uniform([3], { key }).array();
  assert.deepEqual(await random.uniform([3], { key }).array(), first);
  const [left, right] = random.split(key);
  assert.notDeepEqual(
    await random.uniform([3], { key: left }).array(),
    await random.uniform([3], { key: right }).array(),
  );
  assert.notDeepEqual(await random.uniform([3], { key: random.fold(key, 1) }).array(), first);
});

test("devices: unknown names, missing devices, the report", async () => {
  await assert.rejects(
    async () => setDevice("natve"),
    message(/no device "natve"[\s\S]*did you mean "native"/, ArgumentError),
  );
  assert.deepEqual(await deviceReport(), {
    name: "reference",
    description: "interpreter, f64",
    reason: "",
    line: "reference: interpreter, f64",
  });
});

test("a value moves to the device where it is used", async () => {
  const { createReferenceDevice } = await import("../device/reference/index.ts");
  const [one, other] = [createReferenceDevice(), createReferenceDevice()];
  await setDevice(one);
  const x = tensor([1, 2]).add(1);
  const v = variable(tensor([5]).add(1));
  await Promise.all([x.data(), v.data()]);
  await setDevice(other);
  assert.deepEqual(await x.add(v).array(), [8, 9]);
  v.assignAdd(1);
  assert.deepEqual(await v.array(), [7]);
  await setDevice("reference");
});

test("errors of the device reach every reader of the results, and the queue goes on", async () => {
  const { createReferenceDevice } = await import("../device/reference/index.ts");
  const real = createReferenceDevice();
  let broken = true;
  await setDevice({
    ...real,
    load: async (program) => {
      if (broken) throw new DeviceError("the compiler is on fire");
      return real.load(program);
    },
  });
  const x = tensor([1, 2]).add(1);
  const lost = tensor([1, 2]).add(2); // nobody reads it: its error must not become an unhandled rejection
  const both = x.mul(2);
  await assert.rejects(both.data(), message(/on fire/, DeviceError));
  void lost.data().catch(() => {});
  const counter = variable(0);
  await assert.rejects(counter.data(), message(/on fire/, DeviceError));
  broken = false;
  assert.deepEqual(await x.mul(2).array(), [4, 6]);
  const tick = jit(() => {
    counter.assignAdd(1);
  });
  const fresh = variable(tensor(3));
  const grow = jit(() => {
    fresh.assign(fresh.mul(2));
  });
  broken = true;
  grow();
  await assert.rejects(fresh.data(), message(/on fire/, DeviceError));
  assert.equal(await fresh.item(), 3, "the run never started: the value is as it was, and the error was told");
  broken = false;
  grow();
  assert.equal(await fresh.item(), 6);
  void tick;
  await setDevice("reference");
});
