import { DeviceError, InternalError } from "chainrule/base";
import type { DeviceBuffer } from "chainrule/device";
import type { Koffi } from "./library.ts";

/** Bytes to which buffers are aligned: a cache line, and the widest vector. */
const alignment = 64;

/** Memory that JavaScript owns and C reads and writes: it lives as long as something refers to it. */
export class NativeBuffer implements DeviceBuffer {
  readonly bytes: number;
  readonly address: bigint;
  readonly #memory: ArrayBuffer;
  readonly #skip: number;
  #view: Uint8Array | undefined;

  constructor(bytes: number, koffi: Koffi) {
    const memory = makeMemory(bytes + alignment);
    const start = koffi.address(memory);
    const skip = Number(-start & BigInt(alignment - 1));
    this.bytes = bytes;
    this.#memory = memory;
    this.#skip = skip;
    this.address = start + BigInt(skip);
  }

  /** The aligned bytes. */
  get view(): Uint8Array {
    this.#view ??= new Uint8Array(this.#memory, this.#skip, this.bytes);
    return this.#view;
  }
}

function makeMemory(bytes: number): ArrayBuffer {
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
