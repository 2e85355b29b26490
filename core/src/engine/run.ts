import { bytesPerElement, type DType } from "../base/dtype.ts";
import { emit, heard } from "../base/events.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import type { Device, DeviceBuffer } from "../device/device.ts";
import type { Plan } from "../kernel/plan.ts";
import { fromBytes } from "../reference/hostArray.ts";
import { type Cached, countRun, loaded } from "./cache.ts";
import { enqueue } from "./queue.ts";
import { allocate, bufferOf, type Storage } from "./storage.ts";

/**
 * Enqueues one run of a program. `results` has one storage for each output: a new one, or, where the output replaces an
 * input, that input's own. An error is kept by the results, where the next reader finds it.
 */
export function enqueueRun(entry: Cached, inputs: readonly Storage[], results: readonly Storage[]): void {
  const { replaces } = entry.program;
  const fresh = results.filter((_, index) => replaces[index] === undefined);
  const written = results.filter((_, index) => replaces[index] !== undefined);
  for (const storage of fresh) storage.on = entry.on;
  for (const storage of written) storage.overwritten = true;
  for (const storage of inputs) storage.on ??= entry.on;
  countRun();

  void enqueue(entry.on, async (device) => {
    let started = false;
    try {
      const executable = await loaded(entry, device);
      const given: DeviceBuffer[] = [];
      for (const storage of inputs) given.push(await bufferOf(storage, device));
      const taps = tapBuffers(executable.plan, device);
      const outputs = fresh.map((storage) => allocate(storage, device));
      started = true;
      await executable.run(given, [...outputs, ...taps.map(({ buffer }) => buffer)]);
      for (const storage of written) storage.host = undefined;
      for (const tap of taps) await tap.deliver();
      emit("memory", () => ({ device: device.name, ...device.memory() }));
    } catch (error) {
      for (const storage of fresh) storage.failure = { error };
      // Before the start nothing was overwritten: variables keep their values, and the error is told once.
      for (const storage of written) storage[started ? "failure" : "warning"] = { error };
    }
  }).catch((error: unknown) => {
    // There is no device at all.
    for (const storage of [...fresh, ...written]) storage.failure ??= { error };
  });
}

interface TapBuffer {
  readonly buffer: DeviceBuffer;
  /** Sends the value to observers and gives the buffer back. */
  deliver(): Promise<void>;
}

/** Buffers for the outputs that a plan has beyond the program's own: values streamed to observers. */
function tapBuffers(plan: Plan | undefined, device: Device): TapBuffer[] {
  return (plan?.taps ?? []).flatMap(({ name, output }) => {
    const { shape, dtype, replaces } = plan!.outputs[output]!;
    if (replaces !== undefined) return [];
    const bytes = bytesOf(shape, dtype);
    const buffer = device.allocate(Math.max(1, bytes));
    const deliver = async () => {
      if (heard("tap")) {
        const { data } = fromBytes(await device.read(buffer, bytes), shape, dtype);
        emit("tap", () => ({ name, shape, data }));
      }
      device.free(buffer);
    };
    return [{ buffer, deliver }];
  });
}

const bytesOf = (shape: Shape, dtype: DType): number => sizeOf(shape) * bytesPerElement[dtype];
