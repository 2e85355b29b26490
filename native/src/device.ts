import { ArgumentError, DeviceError } from "chainrule/base";
import { compile, type Plan, type Program } from "chainrule/compiler";
import { type Device, type DeviceBuffer, type Executable, Stamps } from "chainrule/device";
import type { Target } from "chainrule/render";
import { Cache } from "./cache.ts";
import { type Host, NativeExecutable } from "./executable.ts";
import { type Koffi, loadKoffi } from "./library.ts";
import { NativeBuffer, native } from "./memory.ts";
import { createPool, type Pool } from "./pool.ts";
import { leastInRegions, Regions } from "./regions.ts";
import { machineThreads, readTarget, vectorName } from "./target.ts";
import { findToolchain, type Toolchain } from "./toolchain.ts";

export interface NativeOptions {
  /** Threads that compute; as many as the machine runs at once. Results do not depend on it. */
  readonly threads?: number;
  /** Where compiled programs are kept; CHAINRULE_CACHE or the user's cache folder. */
  readonly cacheFolder?: string;
  /** Short programs run faster on the calling thread than on others that must be woken first; "all" are given to threads. */
  readonly handOver?: HandOver;
}

/** Which programs are handed to the threads: those that are worth it, or all; the calling thread runs the others. */
export type HandOver = "long" | "all";

/** A device that compiles plans with the machine's C compiler; a DeviceError says why it cannot be used. */
export async function createNativeDevice({
  threads = machineThreads(),
  cacheFolder,
  handOver = "long",
}: NativeOptions = {}): Promise<NativeDevice> {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new ArgumentError({ what: `native: ${threads} is not a number of threads`, hint: "pass a positive integer" });
  }
  const cache = Cache.open(cacheFolder);
  const [koffi, toolchain] = await Promise.all([loadKoffi(), findToolchain()]);
  const pool = await createPool(threads, { koffi, toolchain, cache });
  return new NativeDevice({
    koffi,
    toolchain,
    cache,
    pool,
    handOver,
    target: await readTarget(toolchain, pool.threads),
  });
}

/** Whether the native device works here: "AVX-512, gcc 12.2", or why not. */
export async function nativeAvailable(): Promise<{ readonly available: boolean; readonly reason: string }> {
  try {
    await loadKoffi();
    const toolchain = await findToolchain();
    return { available: true, reason: `${vectorName(toolchain)}, ${toolchain.name}` };
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return { available: false, reason: error.parts.what };
  }
}

/** What a native device is put together from. */
export interface DeviceParts {
  readonly koffi: Koffi;
  readonly toolchain: Toolchain;
  readonly cache: Cache;
  readonly pool: Pool;
  readonly target: Target;
  readonly handOver: HandOver;
}

/** Bytes between the flags: a cache line. */
const flagDistance = 64;

export class NativeDevice implements Device {
  readonly name = "native";
  /** "AVX-512, 2 threads, gcc 12.2" */
  readonly description: string;
  readonly threads: number;
  readonly target: Target;
  readonly #parts: DeviceParts;
  readonly #regions: Regions;
  /** One arena for all programs, because they never overlap. */
  #arena: NativeBuffer | undefined;
  readonly #loaded = new Set<NativeExecutable>();
  readonly #stamps = new Stamps();
  /** Two bytes, of which one is 0 and the other 1: whether a run makes what its plan keeps. */
  readonly #flags: NativeBuffer;
  /** Buffers that were allocated and not freed. */
  readonly #counted = new WeakSet<NativeBuffer>();
  #bytes = 0;
  #peakBytes = 0;
  #closed = false;

  constructor(parts: DeviceParts) {
    this.#parts = parts;
    this.#regions = new Regions(parts.koffi, parts.pool.advise);
    this.#flags = NativeBuffer.alone(2 * flagDistance, parts.koffi);
    this.#flags.view.fill(0)[flagDistance] = 1;
    this.target = parts.target;
    this.threads = parts.pool.threads;
    const threads = `${this.threads} thread${this.threads === 1 ? "" : "s"}`;
    this.description = `${vectorName(parts.toolchain)}, ${threads}, ${parts.toolchain.name}`;
  }

  /** The folder that compiled programs are kept in, and why it is not the one asked for (empty when it is). */
  get cache(): { readonly folder: string; readonly note: string } {
    const { folder, note } = this.#parts.cache;
    return { folder, note };
  }

  allocate(bytes: number): NativeBuffer {
    this.#checkOpen();
    const buffer = this.#newBuffer(bytes);
    this.#counted.add(buffer);
    this.#count(bytes);
    return buffer;
  }

  #newBuffer(bytes: number): NativeBuffer {
    return bytes < leastInRegions ? NativeBuffer.alone(bytes, this.#parts.koffi) : this.#regions.allocate(bytes);
  }

  /** Stops counting the buffer; its memory goes when what was asked for so far is done. */
  free(buffer: DeviceBuffer): void {
    if (!this.#counted.delete(native(buffer))) return;
    this.#count(-buffer.bytes);
    this.#release(native(buffer));
  }

  /** After the end there is no queue to ask, and nobody to lend the bytes to. */
  #release(buffer: NativeBuffer): void {
    if (!this.#closed && buffer.bytes >= leastInRegions) this.#parts.pool.queue.after(() => this.#regions.free(buffer));
  }

  write(buffer: DeviceBuffer, bytes: Uint8Array): void {
    this.#stamps.changed(buffer);
    native(buffer).view.set(bytes);
  }

  get busy(): boolean {
    return this.#parts.pool.queue.busy;
  }

  async read(buffer: DeviceBuffer, bytes: number): Promise<Uint8Array> {
    const { koffi, pool } = this.#parts;
    if (!pool.queue.busy) return this.readSync(buffer, bytes);
    const from = native(buffer);
    const copy = new Uint8Array(new ArrayBuffer(bytes));
    pool.queue.copy(koffi.address(copy.buffer), from.address, bytes, [copy, from]);
    await pool.queue.settled();
    return copy;
  }

  readSync(buffer: DeviceBuffer, bytes: number): Uint8Array {
    this.#parts.pool.queue.settle();
    return native(buffer).view.slice(0, bytes);
  }

  copy(from: DeviceBuffer, to: DeviceBuffer, bytes: number): void {
    const { queue } = this.#parts.pool;
    const [source, target] = [native(from), native(to)];
    this.#stamps.changed(to);
    if (queue.busy) queue.copy(target.address, source.address, bytes, [source, target]);
    else target.view.set(source.view.subarray(0, bytes));
  }

  settled(): Promise<void> {
    return this.#parts.pool.queue.settled();
  }

  async load(program: Program): Promise<Executable> {
    this.#checkOpen();
    const start = performance.now();
    return this.loadPlan(compile(program, this.target), start);
  }

  loadSync(program: Program): Executable {
    this.#checkOpen();
    const start = performance.now();
    const plan = compile(program, this.target);
    return this.#opened(NativeExecutable.openSync(plan, this.#parts, this.#hostOf(plan, start)));
  }

  /** Makes a plan that was compiled for this device's target ready to run. */
  async loadPlan(plan: Plan, start = performance.now()): Promise<Executable> {
    this.#checkOpen();
    return this.#opened(await NativeExecutable.open(plan, this.#parts, this.#hostOf(plan, start)));
  }

  #hostOf(plan: Plan, start: number): Host {
    return {
      start,
      arena: () => this.#arenaOf(plan.arenaBytes),
      keep: (bytes) => this.allocate(bytes),
      free: (buffer) => this.free(buffer),
      flags: { make: this.#flags.address + BigInt(flagDistance), leave: this.#flags.address },
      stamps: this.#stamps,
      disposed: (executable) => this.#shrink(executable),
    };
  }

  #opened(executable: NativeExecutable): NativeExecutable {
    this.#loaded.add(executable);
    return executable;
  }

  memory(): { readonly bytes: number; readonly peakBytes: number } {
    return { bytes: this.#bytes, peakBytes: this.#peakBytes };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.settled();
    this.#parts.pool.destroy();
  }

  #arenaOf(bytes: number): NativeBuffer {
    if (this.#arena === undefined || this.#arena.bytes < bytes) {
      this.#dropArena(); // the old one may go before the new one is made
      this.#arena = this.#newBuffer(bytes);
      this.#count(bytes);
    }
    return this.#arena;
  }

  /** Gives the arena back when no program is left that needs so much. */
  #shrink(executable: NativeExecutable): void {
    this.#loaded.delete(executable);
    const needed = Math.max(0, ...[...this.#loaded].map(({ plan }) => plan.arenaBytes));
    if (this.#arena !== undefined && this.#arena.bytes > needed) this.#dropArena();
  }

  #dropArena(): void {
    if (this.#arena === undefined) return;
    this.#count(-this.#arena.bytes);
    this.#release(this.#arena);
    this.#arena = undefined;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
  }

  #checkOpen(): void {
    if (this.#closed) throw new DeviceError("native: the device was closed");
  }
}
