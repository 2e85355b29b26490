import { DeviceError } from "../../base/errors.ts";
import { engine, type WasmModule } from "../../render/wasm/engine.ts";

/** A compiled module and the number by which threads know it. */
export interface CompiledModule {
  readonly id: number;
  readonly code: WasmModule;
}

/** Modules of this process by content: models with equal plans share code. The oldest are forgotten first. */
const cache = new Map<string, Promise<CompiledModule>>();
const cacheLimit = 256;
let nextId = 1;

const keyOf = (bytes: Uint8Array): string => `${bytes.length}:${hashBytes(bytes, 1)}:${hashBytes(bytes, 2)}`;

/** True when `compileModule` would find these bytes compiled. */
export const isCompiled = (bytes: Uint8Array): boolean => cache.has(keyOf(bytes));

/** Compiles a module, or finds the one that has the same bytes. */
export function compileModule(bytes: Uint8Array<ArrayBuffer>): Promise<CompiledModule> {
  const key = keyOf(bytes);
  const known = cache.get(key);
  if (known !== undefined) {
    // Moved to the end: used last.
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  if (engine === undefined) return Promise.reject(new DeviceError("wasm: this JavaScript engine has no WebAssembly"));
  const id = nextId++;
  const made = engine.compile(bytes).then((code) => ({ id, code }));
  cache.set(key, made);
  made.catch(() => cache.delete(key));
  if (cache.size > cacheLimit) cache.delete(cache.keys().next().value ?? "");
  return made;
}

/** cyrb53 (public domain by bryc) over bytes; two seeds give 106 bits. */
function hashBytes(bytes: Uint8Array, seed: number): string {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]!;
    high = Math.imul(high ^ byte, 2654435761);
    low = Math.imul(low ^ byte, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(16);
}
