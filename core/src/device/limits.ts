import { bytesPerElement } from "../base/dtype.ts";
import { add, forLoop, index, int, load, mul, number, store } from "../kernel/build.ts";
import type { Kernel, KernelBuffer, Stmt } from "../kernel/ir.ts";
import type { Plan, PlanTensor } from "../kernel/plan.ts";
import type { Target } from "../render/target.ts";
import type { Device, DeviceBuffer } from "./device.ts";

/** What a device can do at most, measured: the two lines of a roofline (Williams, Waterman & Patterson 2009). */
export interface Limits {
  /** Multiply-adds a second of register tiles whose operands stay in the first cache. */
  readonly multiplyAddsPerSecond: number;
  /** Bytes a second of z = x + 3·y over arrays that no cache holds. */
  readonly bytesPerSecond: number;
}

const repetitions = 5;
const tasksPerThread = 4;
const tileDepth = 128;
const tilesPerTask = 2000;
const streamElements = 8 * 2 ** 20;

/** Measures the device's limits, about a quarter of a second; undefined where it does not work by plans. */
export async function measureLimits(device: Device): Promise<Limits | undefined> {
  const { target } = device;
  if (target === undefined || device.loadPlan === undefined) return undefined;
  const tiles = tilePlan(target);
  const stream = streamPlan(target);
  const [tileSeconds, streamSeconds] = [await fastest(device, tiles), await fastest(device, stream)];
  return {
    multiplyAddsPerSecond: tiles.kernels[0]!.flops / tileSeconds,
    bytesPerSecond: stream.kernels[0]!.bytes / streamSeconds,
  };
}

/** Seconds of the best of some runs. */
async function fastest(device: Device, plan: Plan): Promise<number> {
  const executable = await device.loadPlan!(plan);
  const allocate = ({ shape, dtype }: PlanTensor): DeviceBuffer => {
    const bytes = shape.reduce((product, size) => product * size, bytesPerElement[dtype]);
    const buffer = device.allocate(bytes);
    device.write(buffer, new Uint8Array(bytes));
    return buffer;
  };
  const inputs = plan.inputs.map(allocate);
  const outputs = plan.outputs.map(allocate);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < repetitions; round++) {
    const start = performance.now();
    executable.run(inputs, outputs);
    await device.settled();
    best = Math.min(best, performance.now() - start);
  }
  executable.dispose();
  for (const buffer of [...inputs, ...outputs]) device.free(buffer);
  return best / 1000;
}

const scratch = (name: string, elements: number): KernelBuffer => ({ name, dtype: "f32", role: "scratch", elements });
const bound = (name: string, role: "read" | "write"): KernelBuffer => ({ name, dtype: "f32", role, elements: 0 });

/** Every task clears its panels and computes the same tile many times. */
function tilePlan({ tile: { rows, columns }, threads }: Target): Plan {
  const tasks = tasksPerThread * threads;
  const clear = (buffer: string, elements: number): Stmt =>
    forLoop("i", int(0), int(elements), [store(buffer, index("i"), number(0, "f32"))], true);
  const [a, b, c] = [scratch("a", rows * tileDepth), scratch("b", columns * tileDepth), scratch("c", rows * columns)];
  const kernel: Kernel = {
    name: "limit_tile",
    scope: "",
    buffers: [bound("out", "write"), a, b, c],
    params: [],
    body: [
      ...[a, b, c].map(({ name, elements }) => clear(name, elements)),
      forLoop("repeat", int(0), int(tilesPerTask), [
        {
          kind: "tile",
          a: { buffer: "a", at: int(0) },
          b: { buffer: "b", at: int(0) },
          c: { buffer: "c", at: int(0) },
          pitch: columns,
          rows,
          columns,
          depth: int(tileDepth),
          accumulate: true,
        },
      ]),
      store("out", index("task"), load("c", int(0), "f32")),
    ],
    flops: tasks * tilesPerTask * rows * columns * tileDepth,
    bytes: 0,
  };
  return planOf(kernel, tasks, [], tasks, bytesPerElement.f32 * (a.elements + b.elements + c.elements + 48));
}

/** The triad of the STREAM benchmark (McCalpin 1995). */
function streamPlan({ threads }: Target): Plan {
  const tasks = 16 * threads;
  const each = Math.floor(streamElements / tasks);
  const at = add(mul(index("task"), int(each)), index("i"));
  const value = add(load("x", at, "f32"), mul(number(3, "f32"), load("y", at, "f32")));
  const kernel: Kernel = {
    name: "limit_stream",
    scope: "",
    buffers: [bound("x", "read"), bound("y", "read"), bound("z", "write")],
    params: [],
    body: [forLoop("i", int(0), int(each), [store("z", at, value)], true)],
    flops: 0,
    bytes: 3 * bytesPerElement.f32 * each * tasks,
  };
  return planOf(kernel, tasks, [each * tasks, each * tasks], each * tasks, 0);
}

/** A plan of one launch; its buffers are the inputs, then the output, except that a kernel without inputs has the output first. */
function planOf(kernel: Kernel, tasks: number, inputs: readonly number[], output: number, scratchBytes: number): Plan {
  const tensor = (name: string, elements: number, slot: number): PlanTensor => ({
    name,
    shape: [elements],
    dtype: "f32",
    slot,
  });
  const slots = 1 + inputs.length + 1;
  const bindings = Array.from({ length: slots - 1 }, (_, at) => ({ slot: at + 1, offset: 0, advance: [] }));
  return {
    name: kernel.name,
    kernels: [kernel],
    steps: [{ kind: "launch", kernel: 0, instances: [{ bindings, params: [], tasks }] }],
    inputs: inputs.map((elements, at) => tensor(`input${at}`, elements, at + 1)),
    outputs: [{ ...tensor("output", output, slots - 1), replaces: undefined }],
    slots,
    arenaBytes: 0,
    scratchBytes,
    taps: [],
  };
}
