import { rm } from "node:fs/promises";
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

/** The shared library that `sources` (C) become together, taken from the cache or compiled beside the event loop. */
export function compileLibrary(sources: readonly string[], toolchain: Toolchain, cache: Cache): Promise<Compiled> {
  const key = sha256([toolchain.identity, ...sources.map(sha256)].join("\n"));
  const place = `${cache.folder} ${key}`;
  const compiled = running.get(place) ?? make(sources, key, toolchain, cache).finally(() => running.delete(place));
  running.set(place, compiled);
  return compiled;
}

async function make(sources: readonly string[], key: string, toolchain: Toolchain, cache: Cache): Promise<Compiled> {
  const kept = await cache.find(key);
  if (kept !== undefined) return { path: kept, cached: true };
  const path = await cache.store(key, (draft) => compileTo(draft, sources, toolchain));
  return { path, cached: false };
}

/** Compiles one source at once, several at the same time and then links them. */
async function compileTo(draft: string, sources: readonly string[], toolchain: Toolchain): Promise<void> {
  const [only] = sources;
  if (sources.length === 1 && only !== undefined) {
    await runCompiler(toolchain, ["-shared", "-x", "c", "-", "-o", draft, "-lm"], only);
    return;
  }
  const objects = sources.map((_, part) => `${draft}.${part}.o`);
  try {
    await Promise.all(
      sources.map((source, part) => runCompiler(toolchain, ["-c", "-x", "c", "-", "-o", objects[part]!], source)),
    );
    await runCompiler(toolchain, ["-shared", ...objects, "-o", draft, "-lm"]);
  } finally {
    await Promise.all(objects.map((object) => rm(object, { force: true })));
  }
}

async function runCompiler({ command, flags }: Toolchain, more: readonly string[], source = ""): Promise<void> {
  try {
    await execute(command, [...flags, ...more], source, timeoutMs);
  } catch (error) {
    // What execFile rejects with carries what the compiler printed.
    const printed = (error as { readonly stderr?: string }).stderr?.trim().split("\n").slice(0, 8) ?? [];
    throw new DeviceError({
      what: `${command} could not compile a program`,
      details: printed.map((value) => ({ role: "cc", value })),
      hint: "this is a bug of Chainrule or of the compiler; CHAINRULE_DEVICE=wasm avoids it",
    });
  }
}
