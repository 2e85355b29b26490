import { DeviceError } from "../../base/errors.ts";
import { requireEngine, type WasmModule } from "../../render/wasm/engine.ts";

/** A compiled module and the number by which threads know it. */
export interface CompiledModule {
  readonly id: number;
  readonly code: WasmModule;
}

/** Modules of this process by content: models with equal plans share code. The oldest are forgotten first. */
const cache = new Map<string, CompiledModule | Promise<CompiledModule>>();
const cacheLimit = 256;
let nextId = 1;

const keyOf = (bytes: Uint8Array): string => `${bytes.length}:${hashBytes(bytes, 1)}:${hashBytes(bytes, 2)}`;

/** True when `compileModule` would find these bytes compiled. */
export const isCompiled = (bytes: Uint8Array): boolean => cache.has(keyOf(bytes));

/** Compiles a module, or finds the one that has the same bytes. */
export async function compileModule(bytes: Uint8Array<ArrayBuffer>): Promise<CompiledModule> {
  const key = keyOf(bytes);
  const known = find(key);
  if (known !== undefined) return known;
  const id = nextId++;
  const made = requireEngine()
    .compile(bytes)
    .then((code): CompiledModule => {
      const module = { id, code };
      if (cache.get(key) === made) cache.set(key, module);
      return module;
    });
  keep(key, made);
  made.catch(() => cache.delete(key));
  return made;
}

/** The same while the calling thread waits. The main thread of a page may refuse to compile large modules so. */
export function compileModuleSync(bytes: Uint8Array<ArrayBuffer>): CompiledModule {
  const key = keyOf(bytes);
  const known = find(key);
  if (known !== undefined && !(known instanceof Promise)) return known;
  try {
    const module = { id: nextId++, code: new (requireEngine().Module)(bytes) };
    keep(key, module);
    return module;
  } catch (error) {
    throw new DeviceError({
      what: `wasm: ${bytes.length} bytes of code cannot be compiled while the calling thread waits`,
      details: [{ role: "cause", value: error instanceof Error ? error.message : String(error) }],
      hint: "read the value once with await: the program is compiled then",
    });
  }
}

function find(key: string): CompiledModule | Promise<CompiledModule> | undefined {
  const known = cache.get(key);
  if (known !== undefined) keep(key, known);
  return known;
}

/** Notes a module as used last, and forgets the one that was not used for longest when there are too many. */
function keep(key: string, module: CompiledModule | Promise<CompiledModule>): void {
  cache.delete(key);
  cache.set(key, module);
  if (cache.size > cacheLimit) cache.delete(cache.keys().next().value ?? "");
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
