import { DeviceError, InternalError } from "../../base/errors.ts";
import type { Program } from "../../kernel/plan.ts";
import { fromBytes, interpret, toBytes } from "../../reference/index.ts";
import type { Device, DeviceBuffer, Executable } from "../device.ts";

/** A buffer whose bytes are ordinary host memory. */
interface HostBuffer extends DeviceBuffer {
  data: Uint8Array | undefined;
}

/** A device that runs the meaning of each primitive, in f64, one after the other: slow, and the oracle of all others. */
export function createReferenceDevice(): Device {
  let bytes = 0;
  let peakBytes = 0;
  let closed = false;

  return {
    name: "reference",
    description: "interpreter, f64",
    threads: 1,
    allocate(size) {
      if (closed) throw new DeviceError("reference: the device is closed");
      bytes += size;
      peakBytes = Math.max(peakBytes, bytes);
      return { bytes: size, data: new Uint8Array(size) } satisfies HostBuffer;
    },
    free(buffer) {
      const own = asHostBuffer(buffer);
      if (own.data === undefined) throw new InternalError("reference: a buffer was freed twice");
      own.data = undefined;
      bytes -= own.bytes;
    },
    write: (buffer, source) => dataOf(buffer).set(source),
    read: async (buffer, size) => dataOf(buffer).slice(0, size),
    copy: (from, to, size) => dataOf(to).set(dataOf(from).subarray(0, size)),
    load: async (program) => executable(program),
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
  if (data === undefined) throw new InternalError("reference: a freed buffer was used");
  return data;
}

function executable({ graph, replaces }: Program): Executable {
  return {
    plan: undefined,
    compileMs: 0,
    arenaBytes: 0,
    dispose() {},
    async run(inputs, outputs) {
      const given = graph.inputs.map(({ shape, dtype }, index) => fromBytes(dataOf(inputs[index]!), shape, dtype));
      const results = interpret(graph, given);
      // All results exist before the first buffer is overwritten.
      let fresh = 0;
      replaces.forEach((replaced, index) => {
        const buffer = replaced === undefined ? outputs[fresh++]! : inputs[replaced]!;
        dataOf(buffer).set(toBytes(results[index]!));
      });
    },
  };
}
