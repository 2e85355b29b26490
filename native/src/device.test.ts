import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { DeviceError } from "chainrule/base";
import type { Plan } from "chainrule/compiler";
import { build, type KernelMemory } from "chainrule/kernel";
import { createNativeDevice } from "./index.ts";
import { buffer, bytesOf, kernelOf, nativeTest, planOf, runPlan, testFolder } from "./testing.ts";

const { index, int, load, local, number, add, mul } = build;

/** Each task normalises a row: a maximum, a sum of exponentials, and a division. */
const width = 257;
const at = add(mul(index("task"), int(width)), index("i"));
const softmax = kernelOf(
  "softmax",
  [buffer("x", "f32", "read"), buffer("out", "f32", "write"), buffer("row", "f32", "scratch", width)],
  [
    build.letLocal("largest", "f32", number(-Infinity, "f32")),
    build.forLoop("i", int(0), int(width), [build.accumulate("largest", "max", load("x", at, "f32"))], true),
    build.letLocal("total", "f32", number(0, "f32")),
    build.forLoop(
      "i",
      int(0),
      int(width),
      [
        build.letLocal("e", "f32", build.unary("exp", build.sub(load("x", at, "f32"), local("largest", "f32")))),
        build.store("row", index("i"), local("e", "f32")),
        build.accumulate("total", "sum", local("e", "f32")),
      ],
      true,
    ),
    build.forLoop(
      "i",
      int(0),
      int(width),
      [build.store("out", at, build.binary("div", load("row", index("i"), "f32"), local("total", "f32")))],
      true,
    ),
  ],
);
const rows = 500;
const sample = (): KernelMemory[] => [
  Float32Array.from({ length: rows * width }, (_, position) => Math.sin(position * 0.37) * 5),
  new Float32Array(rows * width),
];

/** Multiply-adds of kernels that the calling thread runs alone, with the others' help, and hands over. */
const efforts = [0, 10_000_000, 1_000_000_000] as const;

nativeTest("the same bytes with 1, 2 and 5 threads, wherever the program runs", async () => {
  const results: Uint8Array[] = [];
  for (const threads of [1, 2, 5]) {
    const device = await createNativeDevice({ threads });
    assert.equal(device.threads, threads);
    for (const flops of [...efforts, ...efforts]) {
      const kernel = { ...softmax, flops };
      results.push(bytesOf((await runPlan(device, planOf([kernel], [[0, 1]], { tasks: rows }), sample()))[1]!));
    }
    await device.close();
  }
  for (const result of results) assert.deepEqual(result, results[0]);
});

/** out[task] = x[task] + amount. */
const addTo = (amount: number) =>
  kernelOf(
    `add_${amount}`,
    [buffer("x", "i32", "read"), buffer("out", "i32", "write")],
    [build.store("out", index("task"), add(load("x", index("task"), "i32"), int(amount)))],
  );

const plan = (parts: Partial<Plan> & Pick<Plan, "kernels" | "steps" | "slots">): Plan => ({
  name: "test",
  inputs: [],
  outputs: [],
  arenaBytes: 0,
  scratchBytes: 0,
  taps: [],
  ...parts,
});

nativeTest("many short launches of many threads lose no task", async () => {
  const device = await createNativeDevice({ threads: 4, handOver: "all" });
  const launch = {
    kind: "launch",
    kernel: 0,
    instances: [{ bindings: [1, 1].map((slot) => ({ slot, offset: 0, advance: [] })), params: [], tasks: 7 }],
  } as const;
  const steps = [{ kind: "loop", loop: 3, count: 20_000, body: [launch] }] as const;
  const [actual] = await runPlan(device, plan({ kernels: [addTo(1)], steps, slots: 2 }), [
    Int32Array.of(0, 1, 2, 3, 4, 5, 6),
  ]);
  assert.deepEqual(
    actual,
    Int32Array.from([0, 1, 2, 3, 4, 5, 6], (value) => value + 20_000),
  );
  await device.close();
});

nativeTest("loops advance their bindings, forwards and backwards, also nested", async () => {
  const device = await createNativeDevice({ threads: 2, handOver: "all" });
  // out[outer][inner] = x[2 - outer] + 1: x runs backwards, out in rows of 4.
  const launch = {
    kind: "launch",
    kernel: 0,
    instances: [
      {
        bindings: [
          { slot: 1, offset: 8, advance: [{ loop: 7, bytes: -4 }] },
          {
            slot: 2,
            offset: 0,
            advance: [
              { loop: 7, bytes: 16 },
              { loop: 9, bytes: 4 },
            ],
          },
        ],
        params: [],
        tasks: 1,
      },
    ],
  } as const;
  const steps = [
    { kind: "loop", loop: 7, count: 3, body: [{ kind: "loop", loop: 9, count: 4, body: [launch] }] },
  ] as const;
  const result = await runPlan(device, plan({ kernels: [addTo(1)], steps, slots: 3 }), [
    Int32Array.of(10, 20, 30),
    new Int32Array(12),
  ]);
  assert.deepEqual(result[1], Int32Array.of(31, 31, 31, 31, 21, 21, 21, 21, 11, 11, 11, 11));
  await device.close();
});

nativeTest("branches run one side; several instances and the arena", async () => {
  const device = await createNativeDevice({ threads: 2, handOver: "all" });
  const place = (slot: number, offset = 0) => ({ slot, offset, advance: [] });
  const launch = (kernel: number) => ({
    kind: "launch" as const,
    kernel,
    instances: [
      { bindings: [place(2), place(0, 64)], params: [], tasks: 2 },
      { bindings: [place(2, 8), place(0, 72)], params: [], tasks: 1 },
    ],
  });
  const finish = {
    kind: "launch" as const,
    kernel: 0,
    instances: [{ bindings: [place(0, 64), place(3)], params: [], tasks: 3 }],
  };
  for (const [condition, expected] of [
    [1, [102, 103, 104]],
    [0, [1002, 1003, 1004]],
  ] as const) {
    const steps = [{ kind: "branch" as const, when: place(1, 1), then: [launch(1)], else: [launch(2)] }, finish];
    const made = plan({ kernels: [addTo(1), addTo(100), addTo(1000)], steps, slots: 4, arenaBytes: 128 });
    const result = await runPlan(device, made, [
      Uint8Array.of(9, condition),
      Int32Array.of(1, 2, 3),
      new Int32Array(3),
    ]);
    assert.deepEqual([...result[2]!], expected);
  }
  await device.close();
});

nativeTest("a kernel may write where it reads", async () => {
  const device = await createNativeDevice({ threads: 2, handOver: "all" });
  const length = 1000;
  const body = [
    build.forLoop(
      "i",
      int(0),
      int(length),
      [build.store("out", index("i"), mul(load("x", index("i"), "f32"), load("x", index("i"), "f32")))],
      true,
    ),
  ];
  const kernel = kernelOf("square", [buffer("x", "f32", "read"), buffer("out", "f32", "write")], body);
  const x = Float32Array.from({ length }, (_, position) => position);
  const [actual] = await runPlan(device, planOf([kernel], [[0, 0]]), [x]);
  assert.deepEqual(
    actual,
    x.map((value) => value * value),
  );
  await device.close();
});

nativeTest("the event loop stays free while a program runs", async () => {
  const device = await createNativeDevice({ threads: 2, handOver: "all" });
  const kernel = kernelOf(
    "long",
    [buffer("out", "f32", "readwrite")],
    [
      build.forLoop("i", int(0), int(60_000_000), [
        build.store("out", int(0), build.unary("sqrt", add(load("out", int(0), "f32"), number(1, "f32")))),
      ]),
    ],
  );
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await runPlan(device, planOf([kernel], [[0]]), [new Float32Array(1)]);
  clearInterval(timer);
  assert.ok(turns > 20, `${turns} turns`);
  await device.close();
});

nativeTest("buffers: alignment, reading, copying, accounting", async () => {
  const device = await createNativeDevice({ threads: 1, handOver: "all" });
  const before = device.memory().bytes;
  const [a, b] = [device.allocate(1000), device.allocate(1000)];
  assert.equal(a.address % 64n, 0n);
  assert.equal(device.memory().bytes, before + 2000);
  device.write(a, Uint8Array.of(1, 2, 3));
  device.copy(a, b, 3);
  assert.deepEqual(await device.read(b, 3), Uint8Array.of(1, 2, 3));
  device.free(a);
  device.free(a); // counts once
  assert.equal(device.memory().bytes, before + 1000);
  assert.ok(device.memory().peakBytes >= before + 2000);
  assert.equal(device.allocate(0).bytes, 0);
  await device.close();
});

nativeTest("a program that was disposed of, and a device that was closed, say so", async () => {
  const device = await createNativeDevice({ threads: 1, handOver: "all" });
  const made = planOf([addTo(1)], [[0, 1]]);
  const executable = await device.loadPlan(made);
  const large = device.allocate(2 ** 20);
  executable.dispose();
  executable.dispose();
  assert.throws(() => executable.run([device.allocate(4), device.allocate(4)], []), DeviceError);
  await device.close();
  await device.close();
  const { bytes } = device.memory();
  device.free(large); // as finalizers do, whenever they come
  assert.equal(device.memory().bytes, bytes - large.bytes);
  assert.throws(() => device.allocate(1), /the device was closed/);
  await assert.rejects(device.loadPlan(made), /the device was closed/);
});

nativeTest("a program that is too large fails when it is loaded, alone", async () => {
  const device = await createNativeDevice({ threads: 2, handOver: "all" });
  const huge = plan({ kernels: [addTo(1)], steps: [], slots: 1, arenaBytes: 2 ** 45 });
  await assert.rejects(device.loadPlan(huge), /no memory for \d+ MiB/);
  (await device.loadPlan({ ...huge, arenaBytes: 64 })).run([], []);
  await device.close();
});

nativeTest("the second load of a program comes from the cache", async () => {
  const cacheFolder = join(testFolder(), "cache");
  const device = await createNativeDevice({ threads: 1, cacheFolder });
  assert.deepEqual(device.cache, { folder: cacheFolder, note: "" });
  assert.match(device.description, /^(AVX-512|AVX2|AVX|NEON|SSE2), 1 thread, (gcc|clang) \d+\.\d+$/);
  const { on } = await import("chainrule/base");
  const cached: boolean[] = [];
  const stop = on("kernel", (event) => cached.push(event.cached));
  for (let turn = 0; turn < 2; turn++) (await device.loadPlan(planOf([addTo(1)], [[0, 1]]))).dispose();
  stop();
  assert.deepEqual(cached, [false, true]);
  await device.close();
});

test("a bad number of threads is refused", async () => {
  for (const threads of [0, -1, 1.5, Number.NaN])
    await assert.rejects(createNativeDevice({ threads }), /is not a number of threads/);
});
