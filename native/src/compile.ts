import { DeviceError } from "chainrule/base";
import { type Cache, sha256 } from "./cache.ts";
import { execute, type Toolchain } from "./toolchain.ts";

/** A compiled library on disk. */
export interface Compiled {
  readonly path: string;
  readonly cached: boolean;
}

const timeoutMs = 10 * 60 * 1000;
const running = new Map<string, Promise<Compiled>>();

/** The shared library that `source` (C) becomes, taken from the cache or compiled beside the event loop. */
export function compileLibrary(source: string, toolchain: Toolchain, cache: Cache): Promise<Compiled> {
  const key = sha256(`${toolchain.identity}\n${source}`);
  const place = `${cache.folder} ${key}`;
  const compiled = running.get(place) ?? make(source, key, toolchain, cache).finally(() => running.delete(place));
  running.set(place, compiled);
  return compiled;
}

async function make(source: string, key: string, toolchain: Toolchain, cache: Cache): Promise<Compiled> {
  const kept = await cache.find(key);
  if (kept !== undefined) return { path: kept, cached: true };
  const { command, flags } = toolchain;
  const path = await cache.store(key, async (draft) => {
    try {
      await execute(command, [...flags, "-x", "c", "-", "-o", draft, "-lm"], source, timeoutMs);
    } catch (error) {
      // What execFile rejects with carries what the compiler printed.
      const printed = (error as { readonly stderr?: string }).stderr?.trim().split("\n").slice(0, 8) ?? [];
      throw new DeviceError({
        what: `${command} could not compile a program`,
        details: printed.map((value) => ({ role: "cc", value })),
        hint: "this is a bug of Chainrule or of the compiler; CHAINRULE_DEVICE=wasm avoids it",
      });
    }
  });
  return { path, cached: false };
}
