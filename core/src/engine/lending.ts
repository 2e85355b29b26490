import type { Device, DeviceBuffer } from "../device/device.ts";
import * as allocation from "./allocation.ts";
import { keptHostBytes, type Storage } from "./storage.ts";

// Small values of short programs live in the host's memory, and are on the device only while a program runs: buffers of
// their own would each need a finalizer, and what has one outlives V8's collections of young objects.

/** Buffers that no run uses, by size: cache lines, doubled. */
const spare = new WeakMap<Device, Map<number, DeviceBuffer[]>>();
const leastBytes = 64;
const sparesOfASize = 16;

function sparesFor(device: Device, bytes: number): DeviceBuffer[] {
  const sizes = spare.get(device) ?? new Map<number, DeviceBuffer[]>();
  spare.set(device, sizes);
  const known = sizes.get(bytes) ?? [];
  sizes.set(bytes, known);
  return known;
}

function borrow(device: Device, bytes: number): DeviceBuffer {
  let size = leastBytes;
  while (size < bytes) size *= 2;
  return sparesFor(device, size).pop() ?? allocation.take(device, size);
}

function giveBack(device: Device, buffer: DeviceBuffer): void {
  const spares = sparesFor(device, buffer.bytes);
  if (spares.length < sparesOfASize) spares.push(buffer);
  else allocation.giveBack(device, buffer);
}

/** Whether a run can be lent a buffer with the value, instead of one that the value keeps: the first time that it is needed. */
export const isLendable = ({ buffer, host, bytes, overwritten, failure, loans }: Storage): boolean =>
  buffer === undefined &&
  host instanceof Uint8Array &&
  bytes <= keptHostBytes &&
  !overwritten &&
  failure === undefined &&
  loans === 0;

/** The buffers that one run has borrowed. */
export class Loans {
  readonly #device: Device;
  readonly #borrowed: { readonly storage: Storage; readonly buffer: DeviceBuffer; readonly result: boolean }[] = [];

  constructor(device: Device) {
    this.#device = device;
  }

  /** A buffer with the value of a storage that is lendable. */
  given(storage: Storage): DeviceBuffer {
    const buffer = this.#borrow(storage, false);
    this.#device.write(buffer, storage.host as Uint8Array); // as isLendable has found
    storage.loans++;
    return buffer;
  }

  /** A buffer for a small result. */
  result(storage: Storage): DeviceBuffer {
    return this.#borrow(storage, true);
  }

  #borrow(storage: Storage, result: boolean): DeviceBuffer {
    const buffer = borrow(this.#device, storage.bytes);
    this.#borrowed.push({ storage, buffer, result });
    return buffer;
  }

  /** The run was handed to the device: what is done gives its buffers back, what is under way keeps them. */
  settle(): void {
    const device = this.#device;
    for (const { storage, buffer, result } of this.#borrowed) {
      if (device.busy) {
        if (storage.buffer === undefined) storage.own(buffer);
        else allocation.giveBack(device, buffer); // two arguments are one value
        continue;
      }
      if (result && storage.failure === undefined) storage.host = device.readSync(buffer, storage.bytes);
      giveBack(device, buffer);
    }
  }

  /** The run could not begin. */
  abandon(): void {
    for (const { buffer } of this.#borrowed) allocation.giveBack(this.#device, buffer);
  }
}
