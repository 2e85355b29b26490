import { bytesPerElement, type DType } from "../base/dtype.ts";
import { emit, heard } from "../base/events.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import type { Device, DeviceBuffer } from "../device/device.ts";
import type { Plan } from "../kernel/plan.ts";
import { fromBytes } from "../reference/hostArray.ts";
import { giveBack, take } from "./allocation.ts";
import { awaitLoad, type Cached, countRun, load, loadSync } from "./cache.ts";
import { isLendable, Loans } from "./lending.ts";
import { enqueue } from "./queue.ts";
import { allocate, fill, fillSync, keptHostBytes, type Storage } from "./storage.ts";

/**
 * Enqueues one run of a program. `results` has one storage for each output: a new one, or, where the output replaces an
 * input, that input's own. An error is kept by the results, where the next reader finds it.
 */
export function enqueueRun(entry: Cached, inputs: readonly Storage[], results: readonly Storage[]): void {
  const { graph, replaces } = entry.program;
  const fresh = results.filter((_, index) => replaces[index] === undefined);
  const written = results.filter((_, index) => replaces[index] !== undefined);
  for (const storage of fresh) storage.on = entry.on;
  for (const storage of written) storage.overwritten = true;
  for (const storage of inputs) storage.on ??= entry.on;
  countRun();

  // What the run writes keeps a buffer of its own.
  const isLent = (storage: Storage): boolean => isLendable(storage) && !written.includes(storage);
  let started = false;
  const fail = (error: unknown): void => {
    for (const storage of fresh) storage.failure ??= { error };
    // Before the start nothing was overwritten: variables keep their values, and the error is told once.
    for (const storage of written) storage[started ? "failure" : "warning"] ??= { error };
  };
  enqueue(entry.on, {
    foresee(device) {
      load(entry, device)?.catch(() => {}); // told when it is this run's turn
    },
    prepare(device) {
      const loading = awaitLoad(entry, device);
      if (loading !== undefined) return loading;
      for (const [index, storage] of inputs.entries()) {
        if (isLent(storage)) continue;
        const filling = fill(storage, device, graph.inputs[index]);
        if (filling !== undefined) return filling;
      }
      return undefined;
    },
    prepareSync(device) {
      loadSync(entry, device);
      for (const storage of inputs) if (!isLent(storage)) fillSync(storage, device);
    },
    start(device) {
      const executable = entry.executable!; // prepared
      const loans = new Loans(device);
      const small = device.busy ? 0 : keptHostBytes;
      let taps: readonly TapBuffer[] = [];
      try {
        const given = inputs.map((storage) => storage.buffer ?? loans.given(storage)); // prepared, or lendable
        const outputs = fresh.map((storage) =>
          storage.bytes <= small
            ? loans.result(storage)
            : allocate(storage, device, graph.outputs[results.indexOf(storage)]),
        );
        taps = tapBuffers(executable.plan, device);
        started = true;
        executable.run(given, taps.length === 0 ? outputs : [...outputs, ...taps.map(({ buffer }) => buffer)], fail);
      } catch (error) {
        // There was no memory for all of them, say: what was had goes back.
        loans.abandon();
        for (const { buffer } of taps) giveBack(device, buffer);
        throw error;
      }
      loans.settle();
      for (const storage of written) storage.host = undefined;
      for (const tap of taps) void tap.deliver();
    },
    fail(error) {
      if (entry.on.device === undefined) started = true; // there is no device at all, and no value to keep
      fail(error);
    },
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
    const buffer = take(device, Math.max(1, bytes));
    const deliver = async () => {
      try {
        if (!heard("tap")) return;
        const { data } = fromBytes(await device.read(buffer, bytes), shape, dtype);
        emit("tap", () => ({ name, shape, data }));
      } catch {
        // Whoever reads a result of the run gets the error.
      } finally {
        giveBack(device, buffer);
      }
    };
    return [{ buffer, deliver }];
  });
}

const bytesOf = (shape: Shape, dtype: DType): number => sizeOf(shape) * bytesPerElement[dtype];
