import { bytesPerElement, type DType } from "../base/dtype.ts";
import { InternalError } from "../base/errors.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import type { Device, DeviceBuffer } from "../device/device.ts";
import type { Selection } from "../device/select.ts";
import type { Node } from "../graph/node.ts";
import { enqueue } from "./queue.ts";

/** Host copies of at most this many bytes are kept beside the device's, so that small values print without waiting. */
const keptHostBytes = 4096;

/**
 * The memory of one value: not computed yet (`source`), in the host's memory, on a device, or both. Several holders may
 * share it; it is only overwritten in place by a holder that has it alone.
 */
export class Storage {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly bytes: number;
  /** The node to compute when the value is first needed. */
  source: Node | undefined;
  /** The device whose queue orders all use of `buffer`; undefined until the first use. */
  on: Selection | undefined;
  /** Set and read only inside that queue. */
  buffer: DeviceBuffer | undefined;
  host: Uint8Array | Promise<Uint8Array> | undefined;
  /** A run was enqueued that writes the buffer: host copies are out of date from then on. */
  overwritten = false;
  /** Why there is no value. */
  failure: { readonly error: unknown } | undefined;
  /** An error of a run that left the value as it was: thrown by the next read, once. */
  warning: { readonly error: unknown } | undefined;
  #references = 1;

  constructor(
    type: { readonly shape: Shape; readonly dtype: DType },
    from: { source?: Node; host?: Uint8Array | Promise<Uint8Array> } = {},
  ) {
    this.shape = type.shape;
    this.dtype = type.dtype;
    this.bytes = sizeOf(type.shape) * bytesPerElement[type.dtype];
    this.source = from.source;
    this.host = from.host;
    if (from.host instanceof Promise) from.host.catch(() => {}); // whoever needs the bytes gets the error
  }

  get shared(): boolean {
    return this.#references > 1;
  }

  get released(): boolean {
    return this.#references === 0;
  }

  retain(): this {
    if (this.released) throw new InternalError("storage: retained after its release");
    this.#references++;
    return this;
  }

  /** One holder less; after the last one the memory goes back when all enqueued work with it is done. */
  release(): void {
    if (this.released) throw new InternalError("storage: released too often");
    this.#references--;
    if (!this.released) return;
    this.source = undefined;
    if (this.on === undefined) {
      this.host = undefined;
      return;
    }
    void enqueue(this.on, (device) => {
      this.host = undefined;
      if (this.buffer !== undefined) device.free(this.buffer);
      this.buffer = undefined;
    });
  }
}

/** Inside the queue: the storage's buffer, allocated and filled at its first use. */
export async function bufferOf(storage: Storage, device: Device): Promise<DeviceBuffer> {
  if (storage.failure !== undefined) throw storage.failure.error;
  if (storage.buffer !== undefined) return storage.buffer;
  if (storage.host === undefined) throw new InternalError("storage: neither computed nor given");
  const bytes = await storage.host;
  const buffer = allocate(storage, device);
  device.write(buffer, bytes);
  storage.host = bytes.byteLength <= keptHostBytes && !storage.overwritten ? bytes : undefined;
  return buffer;
}

/** Inside the queue: a buffer for a value that a run will write. */
export function allocate(storage: Storage, device: Device): DeviceBuffer {
  storage.buffer ??= device.allocate(Math.max(1, storage.bytes));
  return storage.buffer;
}

/** A copy of the value's bytes, as of all work enqueued so far. */
export function readStorage(storage: Storage): Promise<Uint8Array> {
  const { on, host } = storage;
  if (storage.warning !== undefined) return Promise.reject(takeWarning(storage));
  if (host !== undefined && !storage.overwritten) return Promise.resolve(host).then((bytes) => bytes.slice());
  if (on === undefined) return Promise.reject(new InternalError("storage: read before it was computed"));
  return enqueue(on, async (device) => {
    const bytes = await device.read(await bufferOf(storage, device), storage.bytes);
    if (storage.warning !== undefined) throw takeWarning(storage);
    if (storage.bytes <= keptHostBytes && !storage.overwritten) storage.host = bytes.slice();
    return bytes;
  });
}

function takeWarning(storage: Storage): unknown {
  const error = storage.warning?.error;
  storage.warning = undefined;
  return error;
}

/** A storage with the same value on the device `on`, which is where the value is used from now on. */
export const moved = (storage: Storage, on: Selection): Storage => {
  const copy = new Storage(storage, { host: readStorage(storage) });
  copy.on = on;
  return copy;
};

/** A storage of its own with the value that `storage` has when the work enqueued so far is done. */
export function copied(storage: Storage, on: Selection): Storage {
  const copy = new Storage(storage);
  copy.on = on;
  storage.on ??= on; // when the original is released before the copy was made, its memory goes in the queue, after the copy
  enqueue(on, async (device) => {
    try {
      const from = await bufferOf(storage, device);
      device.copy(from, allocate(copy, device), storage.bytes);
    } catch (error) {
      copy.failure = { error };
    }
  });
  return copy;
}
