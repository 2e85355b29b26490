import type { Device, Executable } from "../device/device.ts";
import type { Selection } from "../device/select.ts";
import type { Program } from "../kernel/plan.ts";
import { enqueue } from "./queue.ts";

/** Executables of eager expressions that are kept; the least recently used one beyond is disposed. */
const keptExecutables = 256;

/** A program on its way to a device. Users that may run it again hold it; others leave it to the bounded cache. */
export interface Cached {
  readonly key: string;
  readonly on: Selection;
  readonly program: Program;
  /** Set before the first run. */
  executable: Executable | undefined;
  /** The compilation under way. */
  loading: Promise<void> | undefined;
  /** When work began to wait for that. */
  awaitedSince: number | undefined;
  holders: number;
}

/** What the engine has done so far: for tests, and for `deviceReport`-like displays. */
export interface EngineStatistics {
  /** Programs compiled. */
  compiled: number;
  /** Programs found in the cache. */
  reused: number;
  runs: number;
  /** Milliseconds that were lost to compiling: by the calling thread, or by work that waited for it. */
  compileMs: number;
  /** Executables now in the cache. */
  executables: number;
}

const statistics = { compiled: 0, reused: 0, runs: 0, compileMs: 0 };
// A Map keeps insertion order: the first key is the least recently used one.
const caches = new WeakMap<Selection, Map<string, Cached>>();
let executables = 0;

export const engineStatistics = (): EngineStatistics => ({ ...statistics, executables });

export function countRun(): void {
  statistics.runs++;
}

/** The program with this key for the device `on`; made by `make` when it is not in the cache. */
export function cached(on: Selection, key: string, make: () => Program): Cached {
  const cache = caches.get(on) ?? new Map<string, Cached>();
  caches.set(on, cache);
  const known = cache.get(key);
  if (known !== undefined) {
    statistics.reused++;
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const entry: Cached = {
    key,
    on,
    program: make(),
    executable: undefined,
    loading: undefined,
    awaitedSince: undefined,
    holders: 0,
  };
  cache.set(key, entry);
  executables++;
  evict(cache);
  return entry;
}

/**
 * Begins to compile the program, unless that is done or under way; a promise meanwhile. A failed compilation is tried again
 * next time. Compilation begins after the present turn: a synchronous read may want it at once.
 */
export function load(entry: Cached, device: Device): Promise<unknown> | undefined {
  if (entry.executable !== undefined) return undefined;
  entry.loading ??= loaded(entry, device).finally(() => {
    entry.loading = undefined;
    entry.awaitedSince = undefined;
  });
  return entry.loading;
}

/** The same for work whose turn it is, and that waits. */
export function awaitLoad(entry: Cached, device: Device): Promise<unknown> | undefined {
  const loading = load(entry, device);
  if (loading !== undefined) entry.awaitedSince ??= performance.now();
  return loading;
}

async function loaded(entry: Cached, device: Device): Promise<void> {
  await undefined;
  if (entry.executable !== undefined) return;
  const began = performance.now();
  const loading = device.load(entry.program);
  const blocked = performance.now() - began;
  const executable = await loading;
  const lost = entry.awaitedSince === undefined ? blocked : performance.now() - entry.awaitedSince;
  // A synchronous read may have been quicker.
  if (entry.executable === undefined) keep(entry, executable, lost);
  else executable.dispose();
}

/** The same while the calling thread waits. */
export function loadSync(entry: Cached, device: Device): void {
  if (entry.executable !== undefined) return;
  const began = performance.now();
  keep(entry, device.loadSync(entry.program), performance.now() - began);
}

function keep(entry: Cached, executable: Executable, lostMs: number): void {
  statistics.compiled++;
  statistics.compileMs += lostMs;
  entry.executable = executable;
}

/** Gives up one hold; an executable that nobody holds any more is disposed after the work enqueued so far. */
export function dropHold(entry: Cached): void {
  entry.holders--;
  if (entry.holders === 0) discard(entry);
}

function evict(cache: Map<string, Cached>): void {
  let excess = [...cache.values()].filter(({ holders }) => holders === 0).length - keptExecutables;
  for (const entry of cache.values()) {
    if (excess <= 0) return;
    if (entry.holders > 0) continue;
    discard(entry);
    excess--;
  }
}

function discard(entry: Cached): void {
  const cache = caches.get(entry.on);
  if (cache?.get(entry.key) !== entry) return;
  cache.delete(entry.key);
  executables--;
  enqueue(entry.on, {
    start() {
      const dispose = (): void => {
        entry.executable?.dispose();
        entry.executable = undefined;
      };
      if (entry.loading === undefined) dispose();
      else entry.loading.then(dispose, dispose);
    },
    fail() {}, // without a device nothing was compiled
  });
}
