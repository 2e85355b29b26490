import { bytesPerElement, type DType } from "../base/dtype.ts";
import { DeviceError, InternalError } from "../base/errors.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import type { Device, DeviceBuffer } from "../device/device.ts";
import type { Selection } from "../device/select.ts";
import type { Node } from "../graph/node.ts";
import { giveBack, take } from "./allocation.ts";
import { countOwned } from "./pressure.ts";
import { enqueue, settleSync } from "./queue.ts";

/** Values of at most this many bytes stay in the host's memory, too, or only there: they print without waiting. */
export const keptHostBytes = 4096;

/** The net under storages that were dropped without being released: what they own goes when work that needs it is done. */
const net = new FinalizationRegistry<{ readonly on: Selection; readonly buffer: DeviceBuffer }>(({ on, buffer }) =>
  enqueue(on, {
    start(device) {
      countOwned(-buffer.bytes);
      giveBack(device, buffer);
    },
    fail() {}, // without a device there is no memory to give back
  }),
);

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
  #buffer: DeviceBuffer | undefined;
  host: Uint8Array | Promise<Uint8Array> | undefined;
  /** A run was enqueued that writes the buffer: host copies are out of date from then on. */
  overwritten = false;
  /** Why there is no value. */
  failure: { readonly error: unknown } | undefined;
  /** An error of a run that left the value as it was: thrown by the next read, once. */
  warning: { readonly error: unknown } | undefined;
  /** Runs that were lent the bytes of this value for their time. */
  loans = 0;
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
    if (from.host instanceof Promise) this.#arriving(from.host);
  }

  /** Bytes on their way are kept as such when they are there; whoever needs them gets the error. */
  #arriving(host: Promise<Uint8Array>): void {
    host.then(
      (bytes) => {
        if (this.host === host) this.host = bytes;
      },
      () => {},
    );
  }

  get buffer(): DeviceBuffer | undefined {
    return this.#buffer;
  }

  /** Takes over a buffer of the device that the storage is on. */
  own(buffer: DeviceBuffer): void {
    this.#buffer = buffer;
    net.register(this, { on: this.on!, buffer }, this); // only used inside of that device's queue
    countOwned(buffer.bytes);
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
    enqueue(this.on, {
      start: (device) => {
        this.host = undefined;
        if (this.#buffer === undefined) return;
        net.unregister(this);
        countOwned(-this.#buffer.bytes);
        giveBack(device, this.#buffer);
        this.#buffer = undefined;
      },
      fail() {}, // without a device there is no memory to give back
    });
  }
}

/** Inside the queue: fills the storage's buffer at its first use. A promise while the bytes are on their way. `node`: what it is for. */
export function fill(storage: Storage, device: Device, node?: Node): Promise<unknown> | undefined {
  if (storage.failure !== undefined) throw storage.failure.error;
  if (storage.buffer !== undefined) return undefined;
  const { host } = storage;
  if (host === undefined) throw new InternalError("storage: neither computed nor given");
  if (host instanceof Promise) return host;
  device.write(allocate(storage, device, node), host);
  storage.host = host.byteLength <= keptHostBytes && !storage.overwritten ? host : undefined;
  return undefined;
}

/** The same while the calling thread waits. */
export function fillSync(storage: Storage, device: Device): void {
  if (fill(storage, device) === undefined) return;
  throw new DeviceError({
    what: "a value that is on its way from another device cannot be waited for without giving up the thread",
    hint: "read one value with await after setDevice or setThreads",
  });
}

/** Inside the queue: a buffer for a value that a run will write. */
export function allocate(storage: Storage, device: Device, node?: Node): DeviceBuffer {
  if (storage.buffer === undefined) storage.own(take(device, Math.max(1, storage.bytes), node));
  return storage.buffer!; // just made
}

/** Whether the host has the value as of now, and no buffer is needed to read it. */
const isOnHost = ({ host, overwritten, failure }: Storage): boolean =>
  host instanceof Uint8Array && !overwritten && failure === undefined;

/** A copy of the value's bytes, as of all work enqueued so far. */
export function readStorage(storage: Storage): Promise<Uint8Array> {
  const { on, host } = storage;
  if (storage.warning !== undefined) return Promise.reject(takeWarning(storage));
  if (host !== undefined && !storage.overwritten) return Promise.resolve(host).then((bytes) => bytes.slice());
  if (on === undefined) return Promise.reject(new InternalError("storage: read before it was computed"));
  return new Promise((resolve, reject) =>
    enqueue(on, {
      prepare: (device) => (isOnHost(storage) ? undefined : fill(storage, device)),
      prepareSync: (device) => (isOnHost(storage) ? undefined : fillSync(storage, device)),
      start: (device) => {
        const bytes = isOnHost(storage)
          ? Promise.resolve((storage.host as Uint8Array).slice()) // as just found
          : device.read(storage.buffer!, storage.bytes); // prepared
        resolve(bytes.then((read) => checkedBytes(storage, read)));
      },
      fail: reject,
    }),
  );
}

/** The same while the calling thread waits; throws where it cannot. */
export function readStorageSync(storage: Storage, what: string): Uint8Array {
  const { on, host } = storage;
  if (storage.warning !== undefined) throw takeWarning(storage);
  if (host instanceof Uint8Array && !storage.overwritten) return host.slice();
  if (on === undefined) throw new InternalError("storage: read before it was computed");
  const device = settleSync(on, what);
  if (isOnHost(storage)) return checkedBytes(storage, (storage.host as Uint8Array).slice()); // as just found
  fillSync(storage, device);
  return checkedBytes(storage, device.readSync(storage.buffer!, storage.bytes));
}

/** The bytes that were read, unless a run has failed to make them. Small values are kept, to be read again. */
function checkedBytes(storage: Storage, bytes: Uint8Array): Uint8Array {
  if (storage.failure !== undefined) throw storage.failure.error;
  if (storage.warning !== undefined) throw takeWarning(storage);
  if (storage.bytes <= keptHostBytes && !storage.overwritten) storage.host = bytes.slice();
  return bytes;
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
  enqueue(on, {
    prepare: (device) => fill(storage, device),
    prepareSync: (device) => fillSync(storage, device),
    start: (device) => device.copy(storage.buffer!, allocate(copy, device), storage.bytes),
    fail: (error) => {
      copy.failure = { error };
    },
  });
  return copy;
}
