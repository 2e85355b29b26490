import { DeviceError, InternalError } from "../../base/errors.ts";
import { type CompileOptions, compile } from "../../compiler/compile.ts";
import type { Plan, Program } from "../../kernel/plan.ts";
import type { Target } from "../../render/target.ts";
import type { Device, DeviceBuffer, Executable } from "../device.ts";
import { runPlan, type TaskOrder } from "./runPlan.ts";

/** A small machine, so that small tests meet blocks, tails and several tasks. */
export const kernelTarget: Target = {
  name: "kernel",
  vectorLanes: 4,
  vectorRegisters: 16,
  fusedMultiplyAdd: false,
  threads: 2,
  tile: { rows: 4, columns: 8 },
  depthBlock: 16,
  rowBlock: 16,
  columnBlock: 16,
  elementsPerTask: 256,
};

/** A buffer whose bytes are ordinary memory, undefined once freed. */
interface HostBuffer extends DeviceBuffer {
  data: Uint8Array | undefined;
}

interface KernelDeviceOptions extends CompileOptions {
  readonly target?: Target;
  readonly order?: TaskOrder;
}

/**
 * A device that runs plans in plain JavaScript through the kernel interpreter: for tests of the compiler, and as the meaning
 * of plans. The arena is filled with 255s (NaN) before each run, so that reading what was never written shows.
 */
export function createKernelDevice({
  target = kernelTarget,
  order = "forward",
  ...options
}: KernelDeviceOptions = {}): Device {
  let bytes = 0;
  let peakBytes = 0;
  let closed = false;

  return {
    name: "reference",
    description: "kernels, interpreted in JavaScript",
    threads: 1,
    allocate(size) {
      if (closed) throw new DeviceError("kernel device: the device is closed");
      bytes += size;
      peakBytes = Math.max(peakBytes, bytes);
      return { bytes: size, data: new Uint8Array(size) } satisfies HostBuffer;
    },
    free(buffer) {
      const own = asHostBuffer(buffer);
      if (own.data === undefined) throw new InternalError("kernel device: a buffer was freed twice");
      own.data = undefined;
      bytes -= own.bytes;
    },
    write: (buffer, source) => dataOf(buffer).set(source),
    read: async (buffer, size) => dataOf(buffer).slice(0, size),
    copy: (from, to, size) => dataOf(to).set(dataOf(from).subarray(0, size)),
    load: async (program) => executable(program, { target, order, ...options }),
    memory: () => ({ bytes, peakBytes }),
    close: async () => {
      closed = true;
    },
  };
}

// Every buffer that reaches this device was made by its `allocate`.
const asHostBuffer = (buffer: DeviceBuffer): HostBuffer => buffer as HostBuffer;

function dataOf(buffer: DeviceBuffer): Uint8Array {
  const { data } = asHostBuffer(buffer);
  if (data === undefined) throw new InternalError("kernel device: a freed buffer was used");
  return data;
}

function executable(
  program: Program,
  { target, order, ...options }: Required<Pick<KernelDeviceOptions, "target" | "order">> & CompileOptions,
): Executable {
  const start = performance.now();
  const plan: Plan = compile(program, target, options);
  const compileMs = performance.now() - start;
  const arena = new Uint8Array(plan.arenaBytes);
  return {
    plan,
    compileMs,
    arenaBytes: plan.arenaBytes + plan.scratchBytes,
    dispose() {},
    async run(inputs, outputs) {
      arena.fill(255);
      runPlan(plan, [arena, ...inputs.map(dataOf), ...outputs.map(dataOf)], order);
    },
  };
}
