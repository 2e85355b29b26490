import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DeviceError } from "../../base/errors.ts";
import * as b from "../../kernel/build.ts";
import type { Expr, Kernel, KernelBuffer, Stmt } from "../../kernel/ir.ts";
import type { Binding, Plan, Step } from "../../kernel/plan.ts";
import type { DeviceBuffer, Executable } from "../device.ts";
import { runPlan } from "../kernel/runPlan.ts";
import { createWasmDevice, type WasmDevice } from "./index.ts";

const one = await createWasmDevice({ threads: 1, handOver: "all" });
const two = await createWasmDevice({ threads: 2, handOver: "all" });
const three = await createWasmDevice({ threads: 3, handOver: "all" });
const alone = await createWasmDevice({ sharing: "none" });
const devices = [alone, one, two, three];
after(() => Promise.all(devices.map((device) => device.close())));

const buffer = (
  name: string,
  role: KernelBuffer["role"],
  dtype: KernelBuffer["dtype"] = "f32",
  elements = 0,
): KernelBuffer => ({ name, dtype, role, elements });
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
const at = (slot: number, offset = 0, advance: Binding["advance"] = []): Binding => ({ slot, offset, advance });

const length = 4096;
const block = 64;
const task = b.index("task");
const i = b.index("i");
const position: Expr = b.add(b.mul(task, b.int(block)), i);

/** y = exp(x)·factor, a block a task. */
const scale = kernel(
  "scale",
  [buffer("x", "read"), buffer("y", "write")],
  [
    b.forLoop(
      "i",
      b.int(0),
      b.int(block),
      [b.store("y", position, b.mul(b.unary("exp", b.load("x", position, "f32")), b.cast(b.param("factor"), "f32")))],
      true,
    ),
  ],
  ["factor"],
);
/** total[0] = Σ x + total[0], one task. */
const sum = kernel(
  "sum",
  [buffer("x", "read"), buffer("total", "readwrite"), buffer("copy", "scratch", "f32", 16)],
  [
    b.letLocal("s", "f32", b.load("total", b.int(0), "f32")),
    b.forLoop("i", b.int(0), b.int(length), [b.accumulate("s", "sum", b.load("x", i, "f32"))], true),
    b.store("copy", b.int(3), b.local("s", "f32")),
    b.store("total", b.int(0), b.load("copy", b.int(3), "f32")),
  ],
);
const copyBlocks = kernel(
  "copy",
  [buffer("x", "read"), buffer("y", "write")],
  [
    b.forLoop(
      "i",
      b.int(0),
      b.int(block),
      [b.store("y", position, b.add(b.load("x", position, "f32"), b.number(1, "f32")))],
      true,
    ),
  ],
);
const flip = kernel(
  "flip",
  [buffer("flag", "readwrite", "bool")],
  [b.store("flag", b.int(0), b.not(b.load("flag", b.int(0), "bool")))],
);

const bytes = length * 4;
const tasks = length / block;

/** Launches of one and of several instances, a loop that advances, and a branch whose condition its own body changes. */
const steps: readonly Step[] = [
  { kind: "launch", kernel: 0, instances: [{ bindings: [at(1), at(0)], params: [2], tasks }] },
  { kind: "launch", kernel: 1, instances: [{ bindings: [at(0), at(0, bytes * 4)], params: [], tasks: 1 }] },
  {
    kind: "loop",
    loop: 7,
    count: 5,
    body: [
      {
        kind: "launch",
        kernel: 2,
        instances: [
          { bindings: [at(0), at(0, bytes)], params: [], tasks: tasks / 2 },
          { bindings: [at(0, bytes / 2), at(0, bytes + bytes / 2)], params: [], tasks: tasks / 2 },
          { bindings: [at(1), at(0, bytes * 2)], params: [], tasks: 0 },
          { bindings: [at(0), at(2, 0, [{ loop: 7, bytes: block * 4 }])], params: [], tasks: 1 },
        ],
      },
      { kind: "launch", kernel: 2, instances: [{ bindings: [at(0, bytes), at(0)], params: [], tasks }] },
      {
        kind: "branch",
        when: at(0, bytes * 4 + 64),
        then: [
          { kind: "launch", kernel: 3, instances: [{ bindings: [at(0, bytes * 4 + 64)], params: [], tasks: 1 }] },
          { kind: "launch", kernel: 2, instances: [{ bindings: [at(0), at(0, bytes * 3)], params: [], tasks }] },
        ],
        else: [
          { kind: "launch", kernel: 2, instances: [{ bindings: [at(0, bytes * 3), at(0, bytes)], params: [], tasks }] },
          { kind: "launch", kernel: 3, instances: [{ bindings: [at(0, bytes * 4 + 64)], params: [], tasks: 1 }] },
        ],
      },
    ],
  },
  { kind: "launch", kernel: 2, instances: [{ bindings: [at(0), at(3)], params: [], tasks }] },
];
/** Starts the arena, of which nothing is promised: total = 1, flag = true, the rest 0. */
const clear = kernel(
  "clear",
  [buffer("arena", "write"), buffer("flag", "write", "bool")],
  [
    b.forLoop("i", b.int(0), b.int(length * 4 + 32), [b.store("arena", i, b.number(0, "f32"))], true),
    b.store("arena", b.int(length * 4), b.number(1, "f32")),
    b.store("flag", b.int(0), b.bool(true)),
  ],
);

const plan: Plan = {
  name: "steps",
  kernels: [scale, sum, copyBlocks, flip, clear],
  steps: [
    { kind: "launch", kernel: 4, instances: [{ bindings: [at(0), at(0, bytes * 4 + 64)], params: [], tasks: 1 }] },
    ...steps,
  ],
  inputs: [{ name: "x", shape: [length], dtype: "f32", slot: 1 }],
  outputs: [
    { name: "rows", shape: [5, block], dtype: "f32", slot: 2, replaces: undefined },
    { name: "y", shape: [length], dtype: "f32", slot: 3, replaces: undefined },
  ],
  slots: 4,
  arenaBytes: bytes * 4 + 128,
  scratchBytes: 64,
  taps: [],
};

const input = Float32Array.from({ length }, (_, index) => Math.sin(index) * 3);
const sizes = [5 * block * 4, bytes];

/** Runs once; rejects when the run fails. */
async function finished(device: WasmDevice, executable: Executable, inputs: readonly DeviceBuffer[]): Promise<void> {
  const failures: unknown[] = [];
  executable.run(inputs, [], (error) => failures.push(error));
  await device.settled();
  if (failures.length > 0) throw failures[0];
}

async function runOn(device: WasmDevice, times = 1): Promise<Uint8Array[]> {
  const executable = await device.loadPlan(plan);
  const x = device.allocate(bytes);
  device.write(x, new Uint8Array(input.buffer));
  const outputs = sizes.map((size) => device.allocate(size));
  for (let time = 0; time < times; time++) executable.run([x], outputs);
  const results = await Promise.all(outputs.map((output, index) => device.read(output, sizes[index]!)));
  for (const each of [x, ...outputs]) device.free(each);
  executable.dispose();
  return results;
}

test("launches, loops, branches and instances mean what the interpreter says", async () => {
  const slots = [
    new Uint8Array(plan.arenaBytes),
    new Uint8Array(input.slice().buffer),
    ...sizes.map((size) => new Uint8Array(size)),
  ];
  runPlan(plan, slots);
  const [rows, y] = await runOn(alone);
  for (const [actual, expected] of [
    [rows, slots[2]],
    [y, slots[3]],
  ] as const) {
    const [a, e] = [new Float32Array(actual!.buffer), new Float32Array(expected!.buffer)];
    for (const [index, value] of a.entries()) {
      assert.ok(Math.abs(value - e[index]!) <= 1e-5 * Math.abs(e[index]!), `element ${index}: ${value}, ${e[index]}`);
    }
  }
});

test("the bits do not depend on the number of threads, run after run", async () => {
  const expected = await runOn(alone);
  for (const device of devices) {
    for (let round = 0; round < 20; round++) assert.deepEqual(await runOn(device, 1 + (round % 5)), expected);
  }
});

/** Stores far outside of memory in its third task. */
const wild: Plan = {
  ...plan,
  name: "wild",
  kernels: [
    kernel(
      "stray",
      [buffer("y", "write")],
      [b.store("y", b.mul(b.binary("div", task, b.int(2)), b.param("far")), b.number(1, "f32"))],
      ["far"],
    ),
    copyBlocks,
  ],
  steps: [
    { kind: "launch", kernel: 0, instances: [{ bindings: [at(1)], params: [0x1fffffff], tasks: 3 }] },
    { kind: "launch", kernel: 1, instances: [{ bindings: [at(1), at(1)], params: [], tasks }] },
  ],
  outputs: [],
  slots: 2,
};

test("a trap rejects the run with the program's name, and the device goes on working", async () => {
  for (const device of devices) {
    const executable = await device.loadPlan(wild);
    const x = device.allocate(bytes);
    for (let round = 0; round < 3; round++) {
      await assert.rejects(
        finished(device, executable, [x]),
        (error) =>
          error instanceof DeviceError &&
          /wild/.test(error.message) &&
          /memory access out of bounds/.test(error.message),
      );
    }
    executable.dispose();
    device.free(x);
    assert.equal((await runOn(device)).length, 2);
  }
});

test("runs that are started together run one after the other", async () => {
  const executable = await two.loadPlan(plan);
  const other = await two.loadPlan({ ...plan, arenaBytes: plan.arenaBytes * 4 });
  const x = two.allocate(bytes);
  two.write(x, new Uint8Array(input.buffer));
  const results = Array.from({ length: 6 }, () => sizes.map((size) => two.allocate(size)));
  for (const [index, outputs] of results.entries()) (index % 2 === 0 ? executable : other).run([x], outputs);
  const expected = await runOn(alone);
  for (const outputs of results) {
    assert.deepEqual(await Promise.all(outputs.map((output, index) => two.read(output, sizes[index]!))), expected);
    for (const output of outputs) two.free(output);
  }
  two.free(x);
  executable.dispose();
  other.dispose();
});

test("memory is flat when programs are loaded, run and disposed again and again", async () => {
  for (const device of [alone, two]) {
    await runOn(device);
    const before = device.memory();
    for (let round = 0; round < 50; round++) await runOn(device);
    assert.deepEqual(device.memory(), before);
  }
});

test("memory grows beyond its first size, and contents stay", async () => {
  for (const device of [alone, two]) {
    const small = device.allocate(8);
    device.write(small, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    const large = device.allocate(64 << 20);
    device.write(large, new Uint8Array(64 << 20).fill(7));
    device.copy(small, large, 8);
    assert.deepEqual([...(await device.read(large, 9))], [1, 2, 3, 4, 5, 6, 7, 8, 7]);
    assert.equal((await runOn(device)).length, 2);
    device.free(large);
    device.free(small);
  }
});

test("misused buffers are refused", async () => {
  const executable = await one.loadPlan(plan);
  const [x, y] = [one.allocate(bytes), one.allocate(16)];
  assert.throws(() => executable.run([x], [y, y]), /a buffer has 16 bytes, 1280 are needed/);
  one.free(y);
  assert.throws(() => one.write(y, new Uint8Array(4)), /used after it was freed/);
  executable.dispose();
  assert.throws(() => executable.run([x], []), /disposed/);
  one.free(x);
});

test("more memory than there is gives a clear error", () => {
  assert.throws(() => alone.allocate(5e9), /out of memory, 4769 MiB needed/);
  assert.equal(alone.free(alone.allocate(64)), undefined);
});

test("a program that is too large fails alone, before it runs", async () => {
  const before = two.memory().bytes;
  await assert.rejects(two.loadPlan({ ...plan, arenaBytes: 5e9 }), /out of memory/);
  assert.equal(two.memory().bytes, before);
  assert.equal((await runOn(two)).length, 2);
});

test("the event loop stays free while a program runs on threads", async () => {
  const long = kernel(
    "long",
    [buffer("y", "readwrite")],
    [
      b.forLoop("j", b.int(0), b.int(300), [
        b.forLoop("i", b.int(0), b.int(length), [b.store("y", i, b.unary("sin", b.load("y", i, "f32")))], true),
      ]),
    ],
  );
  const executable = await two.loadPlan({
    ...wild,
    name: "long",
    kernels: [long],
    steps: [{ kind: "launch", kernel: 0, instances: [{ bindings: [at(1)], params: [], tasks: 8 }] }],
  });
  const x = two.allocate(bytes);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await finished(two, executable, [x]);
  clearInterval(timer);
  executable.dispose();
  two.free(x);
  assert.ok(ticks >= 3, `${ticks} ticks`);
});

test("a process with an idle device ends by itself, and one with a run pending waits for it", async () => {
  // The compiled test runs beside compiled modules, the source beside sources, which need tsx.
  const compiled = import.meta.url.endsWith(".js");
  const module = fileURLToPath(new URL(compiled ? "./index.js" : "./index.ts", import.meta.url));
  const source = `
    import { createWasmDevice } from ${JSON.stringify(module)};
    const device = await createWasmDevice({ threads: 2, handOver: "all" });
    const plan = ${JSON.stringify({ ...wild, name: "idle", kernels: [copyBlocks], steps: [{ kind: "launch", kernel: 0, instances: [{ bindings: [at(1), at(1)], params: [], tasks }] }] })};
    const executable = await device.loadPlan(plan);
    executable.run([device.allocate(${bytes})], []);
    device.settled().then(() => console.log("ran"));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...(compiled ? [] : ["--import", "tsx"]), "--input-type=module", "-e", source],
    { timeout: 20000 },
  );
  assert.equal(stdout.trim(), "ran");
});

test("a closed device refuses to run", async () => {
  const device = await createWasmDevice({ threads: 2, handOver: "all" });
  const executable = await device.loadPlan(plan);
  await device.close();
  const x = device.allocate(bytes);
  const outputs = sizes.map((size) => device.allocate(size));
  assert.throws(() => executable.run([x], outputs), /steps: the wasm device was closed/);
});
