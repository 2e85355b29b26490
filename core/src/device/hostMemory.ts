import { DeviceError, InternalError } from "../base/errors.ts";
import type { Device, DeviceBuffer } from "./device.ts";

/** A buffer whose bytes are ordinary memory, undefined once freed. */
interface HostBuffer extends DeviceBuffer {
  data: Uint8Array | undefined;
}

/** The part of a device that deals with memory, and access to a buffer's bytes. */
export type HostMemory = Pick<
  Device,
  "busy" | "allocate" | "free" | "write" | "read" | "readSync" | "copy" | "settled" | "memory" | "close"
> & {
  dataOf(buffer: DeviceBuffer): Uint8Array;
};

/** Memory for devices that compute in JavaScript. `name` is for messages. */
export function hostMemory(name: string): HostMemory {
  let bytes = 0;
  let peakBytes = 0;
  let closed = false;

  // Every buffer that reaches the device was made by its `allocate`.
  const asHostBuffer = (buffer: DeviceBuffer): HostBuffer => buffer as HostBuffer;
  const dataOf = (buffer: DeviceBuffer): Uint8Array => {
    const { data } = asHostBuffer(buffer);
    if (data === undefined) throw new InternalError(`${name}: a freed buffer was used`);
    return data;
  };

  return {
    dataOf,
    busy: false,
    allocate(size) {
      if (closed) throw new DeviceError(`${name}: the device is closed`);
      bytes += size;
      peakBytes = Math.max(peakBytes, bytes);
      return { bytes: size, data: new Uint8Array(size) } satisfies HostBuffer;
    },
    free(buffer) {
      const own = asHostBuffer(buffer);
      if (own.data === undefined) throw new InternalError(`${name}: a buffer was freed twice`);
      own.data = undefined;
      bytes -= own.bytes;
    },
    write: (buffer, source) => dataOf(buffer).set(source),
    read: async (buffer, size) => dataOf(buffer).slice(0, size),
    readSync: (buffer, size) => dataOf(buffer).slice(0, size),
    settled: async () => {},
    copy: (from, to, size) => dataOf(to).set(dataOf(from).subarray(0, size)),
    memory: () => ({ bytes, peakBytes }),
    close: async () => {
      closed = true;
    },
  };
}
