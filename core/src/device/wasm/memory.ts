import { DeviceError } from "../../base/errors.ts";
import { engine, type WasmMemory } from "../../render/wasm/engine.ts";

const pageBytes = 65536;
/** Limits to try: some machines do not have 4 GiB of address space to reserve. */
const maximumPages = [65536, 32768, 16384, 4096];
const initialPages = 16;
/** How much more than needed is taken when memory grows. */
const growth = 1.5;

/** The WebAssembly memory of a device: all buffers, arenas and control words. */
export class LinearMemory {
  readonly memory: WasmMemory;
  readonly shared: boolean;
  readonly #maximum: number;
  #bytesView: Uint8Array = new Uint8Array(0);

  constructor(shared: boolean) {
    this.shared = shared;
    [this.memory, this.#maximum] = reserve(shared);
  }

  /** The whole memory. Growing makes older views useless: ask again each time. */
  get bytes(): Uint8Array {
    const { buffer } = this.memory;
    if (this.#bytesView.buffer !== buffer) this.#bytesView = new Uint8Array(buffer);
    return this.#bytesView;
  }

  /** Words at an address. */
  words(address: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, count);
  }

  /** Makes all addresses below `end` usable. */
  ensure(end: number): void {
    const pages = this.memory.buffer.byteLength / pageBytes;
    const needed = Math.ceil(end / pageBytes);
    if (needed <= pages) return;
    const wanted = Math.min(this.#maximum, Math.max(needed, Math.ceil(pages * growth)));
    for (const target of [wanted, needed]) {
      if (target < needed || target > this.#maximum) continue;
      try {
        this.memory.grow(target - pages);
        return;
      } catch {
        // The engine has no more: try the least that is needed, then give up below.
      }
    }
    throw new DeviceError({
      what: `wasm: out of memory, ${megabytes(end)} needed`,
      details: [
        { role: "limit", value: megabytes(this.#maximum * pageBytes), origin: "of a 32-bit WebAssembly memory" },
      ],
      hint: "use smaller batches or a smaller model, or the native device",
    });
  }
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

function reserve(shared: boolean): [WasmMemory, number] {
  if (engine === undefined) throw new DeviceError("wasm: this JavaScript engine has no WebAssembly");
  let cause: unknown;
  for (const maximum of maximumPages) {
    try {
      return [new engine.Memory({ initial: initialPages, maximum, shared }), maximum];
    } catch (error) {
      cause = error;
    }
  }
  throw new DeviceError(`wasm: no memory could be reserved: ${String(cause)}`);
}
