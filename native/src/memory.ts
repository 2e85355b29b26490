import { DeviceError, InternalError } from "chainrule/base";
import type { DeviceBuffer } from "chainrule/device";
import type { Koffi } from "./library.ts";

/** Bytes to which buffers are aligned: a cache line, and the widest vector. */
export const alignment = 64;

/** Memory that JavaScript owns and C reads and writes: it lives as long as something refers to it. */
export class NativeBuffer implements DeviceBuffer {
  readonly bytes: number;
  readonly address: bigint;
  readonly #memory: ArrayBuffer;
  readonly #start: number;
  #view: Uint8Array | undefined;

  /** `bytes` bytes from `start` on, which is where `address` says. */
  constructor(bytes: number, memory: ArrayBuffer, start: number, address: bigint) {
    this.bytes = bytes;
    this.address = address;
    this.#memory = memory;
    this.#start = start;
  }

  /** Memory of its own. */
  static alone(bytes: number, koffi: Koffi): NativeBuffer {
    const memory = makeMemory(bytes + alignment);
    const start = koffi.address(memory);
    const skip = Number(-start & BigInt(alignment - 1));
    return new NativeBuffer(bytes, memory, skip, start + BigInt(skip));
  }

  /** The aligned bytes. */
  get view(): Uint8Array {
    this.#view ??= new Uint8Array(this.#memory, this.#start, this.bytes);
    return this.#view;
  }
}

/** Bytes that are zero, and not there before they are touched. */
export function makeMemory(bytes: number): ArrayBuffer {
  try {
    const memory = new ArrayBuffer(bytes);
    // Engines make larger buffers than they make views of.
    new Uint8Array(memory);
    return memory;
  } catch {
    throw new DeviceError({
      what: `native: no memory for ${Math.ceil(bytes / 2 ** 20)} MiB in one piece`,
      hint: "use smaller batches, or drop values that are not needed",
    });
  }
}

/** The buffer as one of ours; devices do not share memory. */
export function native(buffer: DeviceBuffer): NativeBuffer {
  if (buffer instanceof NativeBuffer) return buffer;
  throw new InternalError("native: the buffer belongs to another device");
}
