import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
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

const keyOf = (sources: readonly string[], toolchain: Toolchain): string =>
  sha256([toolchain.identity, ...sources.map(sha256)].join("\n"));

/** The shared library that `sources` (C) become together, taken from the cache or compiled beside the event loop. */
export function compileLibrary(sources: readonly string[], toolchain: Toolchain, cache: Cache): Promise<Compiled> {
  const key = keyOf(sources, toolchain);
  const place = `${cache.folder} ${key}`;
  const compiled = running.get(place) ?? make(sources, key, toolchain, cache).finally(() => running.delete(place));
  running.set(place, compiled);
  return compiled;
}

/** The same while the calling thread waits. */
export function compileLibrarySync(sources: readonly string[], toolchain: Toolchain, cache: Cache): Compiled {
  const key = keyOf(sources, toolchain);
  const kept = cache.find(key);
  if (kept !== undefined) return { path: kept, cached: true };
  const path = cache.storeSync(key, (draft) => {
    const { objects, jobs, link } = stepsTo(draft, sources);
    try {
      for (const job of [...jobs, ...link]) runCompilerSync(toolchain, job);
    } finally {
      for (const object of objects) rmSync(object, { force: true });
    }
  });
  return { path, cached: false };
}

async function make(sources: readonly string[], key: string, toolchain: Toolchain, cache: Cache): Promise<Compiled> {
  const kept = cache.find(key);
  if (kept !== undefined) return { path: kept, cached: true };
  const path = await cache.store(key, async (draft) => {
    const { objects, jobs, link } = stepsTo(draft, sources);
    try {
      await Promise.all(jobs.map((job) => runCompiler(toolchain, job)));
      for (const job of link) await runCompiler(toolchain, job);
    } finally {
      for (const object of objects) rmSync(object, { force: true });
    }
  });
  return { path, cached: false };
}

/** One call of the compiler. */
interface Job {
  readonly flags: readonly string[];
  readonly source: string;
}

/** One source is compiled at once; several at the same time, and then linked. */
function stepsTo(
  draft: string,
  sources: readonly string[],
): { readonly objects: readonly string[]; readonly jobs: readonly Job[]; readonly link: readonly Job[] } {
  const [only] = sources;
  if (sources.length === 1 && only !== undefined)
    return { objects: [], jobs: [{ flags: ["-shared", "-x", "c", "-", "-o", draft, "-lm"], source: only }], link: [] };
  const objects = sources.map((_, part) => `${draft}.${part}.o`);
  return {
    objects,
    jobs: sources.map((source, part) => ({ flags: ["-c", "-x", "c", "-", "-o", objects[part]!], source })),
    link: [{ flags: ["-shared", ...objects, "-o", draft, "-lm"], source: "" }],
  };
}

async function runCompiler({ command, flags }: Toolchain, job: Job): Promise<void> {
  try {
    await execute(command, [...flags, ...job.flags], job.source, timeoutMs);
  } catch (error) {
    throw refused(command, error);
  }
}

function runCompilerSync({ command, flags }: Toolchain, job: Job): void {
  try {
    execFileSync(command, [...flags, ...job.flags], { input: job.source, timeout: timeoutMs, stdio: "pipe" });
  } catch (error) {
    throw refused(command, error);
  }
}

function refused(command: string, error: unknown): DeviceError {
  // What execFile rejects with carries what the compiler printed.
  const { stderr } = error as { readonly stderr?: string | Uint8Array };
  const printed = stderr?.toString().trim().split("\n").slice(0, 8) ?? [];
  return new DeviceError({
    what: `${command} could not compile a program`,
    details: printed.map((value) => ({ role: "cc", value })),
    hint: "this is a bug of Chainrule or of the compiler; CHAINRULE_DEVICE=wasm avoids it",
  });
}
