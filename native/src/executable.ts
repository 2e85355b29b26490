import { DeviceError, heard, InternalError } from "chainrule/base";
import type { Plan } from "chainrule/compiler";
import {
  announceKernels,
  announceProgram,
  announceRun,
  clockBytes,
  type DeviceBuffer,
  type Executable,
} from "chainrule/device";
import { renderParts, runStatus } from "chainrule/render";
import { compileLibrary } from "./compile.ts";
import type { DeviceParts } from "./device.ts";
import { call, type EntryPoint, type Koffi, type Library } from "./library.ts";
import { NativeBuffer, native } from "./memory.ts";
import { machineThreads } from "./target.ts";

/** What an executable asks of its device. */
interface Host {
  /** When loading began. */
  readonly start: number;
  /** The arena, large enough for the plan. */
  arena(): NativeBuffer;
  /** Runs work after all other programs. */
  queue<T>(work: () => Promise<T>): Promise<T>;
  disposed(): void;
}

/** Kernels that keep one more compiler busy for longer than it takes to start, and the most compilers at a time. */
const kernelsPerCompiler = 8;
const mostCompilers = 4;

/** How many pieces a plan is compiled in. The pieces do not change what is computed. */
const compilersFor = ({ kernels }: Plan): number =>
  Math.max(1, Math.min(mostCompilers, machineThreads(), Math.floor(kernels.length / kernelsPerCompiler)));

/** A plan as a loaded library with one entry point. */
export class NativeExecutable implements Executable {
  readonly plan: Plan;
  readonly compileMs: number;
  readonly arenaBytes: number;
  readonly #host: Host;
  readonly #koffi: Koffi;
  readonly #pool: bigint;
  readonly #library: Library;
  readonly #entry: EntryPoint;
  #disposed = false;

  private constructor(plan: Plan, library: Library, { koffi, pool }: DeviceParts, host: Host) {
    this.plan = plan;
    this.#host = host;
    this.#koffi = koffi;
    this.#pool = pool.address;
    this.#library = library;
    this.#entry = library.func("int32_t run(void *slots, void *pool)");
    this.arenaBytes = plan.arenaBytes + plan.scratchBytes * pool.threads;
    this.compileMs = performance.now() - host.start;
  }

  /** Compiles and loads `plan`. */
  static async open(plan: Plan, parts: DeviceParts, host: Host): Promise<NativeExecutable> {
    const sources = renderParts(plan, parts.target, compilersFor(plan));
    const load = async (): Promise<Library> => {
      const start = performance.now();
      const { path, cached } = await compileLibrary(sources, parts.toolchain, parts.cache);
      announceKernels(plan, { cached, ms: performance.now() - start });
      return parts.koffi.load(path);
    };
    // Another process may evict the file between its check and its loading; the second try compiles it again.
    const library = await load().catch((error: unknown) => {
      if (error instanceof DeviceError) throw error;
      return load();
    });
    // What does not fit in memory fails here, before a run has overwritten anything.
    host.arena();
    announceProgram(plan, "native");
    return new NativeExecutable(plan, library, parts, host);
  }

  run(inputs: readonly DeviceBuffer[], outputs: readonly DeviceBuffer[]): Promise<void> {
    return this.#host.queue(() => this.#run(inputs, outputs));
  }

  async #run(inputs: readonly DeviceBuffer[], outputs: readonly DeviceBuffer[]): Promise<void> {
    const { name, slots, scratchBytes } = this.plan;
    if (this.#disposed) throw new DeviceError(`native: the program ${name} was disposed of`);
    const buffers = [this.#host.arena(), ...inputs.map(native), ...outputs.map(native)];
    if (buffers.length !== slots) throw new InternalError(`native: ${name} has ${slots} slots, not ${buffers.length}`);
    // The slot after the plan's own: where the program adds up the time of each launch, if anybody wants to know.
    const clocks = heard("run") ? new NativeBuffer(clockBytes(this.plan), this.#koffi) : undefined;
    const start = performance.now();
    const status = await call(this.#entry, [...buffers, clocks], this.#pool);
    if (clocks !== undefined) announceRun(this.plan, "native", start, clocks.view);
    if (status === runStatus.outOfMemory) {
      throw new DeviceError(
        `native: no memory for the scratch space of ${name}, ${scratchBytes} bytes for each thread`,
      );
    }
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#host.disposed();
    void this.#host.queue(async () => this.#library.unload());
  }
}
