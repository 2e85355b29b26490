import { DeviceError, heard, InternalError } from "chainrule/base";
import type { Plan } from "chainrule/compiler";
import {
  announceKernels,
  announceProgram,
  announceRun,
  clockBytes,
  type DeviceBuffer,
  type Executable,
  effortOf,
  Keeping,
  type Pace,
  type Stamps,
} from "chainrule/device";
import { renderParts, runStatus } from "chainrule/render";
import { type Compiled, compileLibrary, compileLibrarySync } from "./compile.ts";
import type { DeviceParts } from "./device.ts";
import type { Koffi, Library } from "./library.ts";
import { NativeBuffer, native } from "./memory.ts";
import type { Pool } from "./pool.ts";
import { machineThreads } from "./target.ts";

/** What an executable asks of its device. */
export interface Host {
  /** When loading began. */
  readonly start: number;
  /** The arena, large enough for the plan. */
  arena(): NativeBuffer;
  /** Memory for what the plan keeps from run to run. */
  keep(bytes: number): NativeBuffer;
  free(buffer: NativeBuffer): void;
  /** The flags that tell a run to make what is kept, or to leave it. */
  readonly flags: { readonly make: bigint; readonly leave: bigint };
  readonly stamps: Stamps;
  disposed(executable: NativeExecutable): void;
}

/** What one core of a machine of today does, or somewhat less. */
const pace: Pace = { multiplyAdds: 20_000, bytes: 20_000, launchMicroseconds: 0.1 };
/** A program that one thread is done with so soon is not worth waking another for. */
const aloneMicroseconds = 50;
/**
 * A program that the calling thread is done with so soon, with the others' help, is not worth handing over: being told of its end
 * takes tens of microseconds. Today's cores need a fourth to an eighth of what `pace` says, so the event loop waits for 1 to 2 milliseconds.
 */
const hereMicroseconds = 8000;

const placeOf = (microseconds: number): "alone" | "here" | "queue" =>
  microseconds < aloneMicroseconds ? "alone" : microseconds < hereMicroseconds ? "here" : "queue";

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
  readonly #pool: Pool;
  readonly #library: Library;
  readonly #entry: bigint;
  /** Where it runs when nothing is under way: on the calling thread alone, with the others, or on the queue's. */
  readonly #place: "alone" | "here" | "queue";
  readonly #keeping: Keeping;
  readonly #kept: NativeBuffer | undefined;
  /** The table of buffers that a run is given: whoever runs it takes a copy. */
  readonly #slots: BigUint64Array;
  #disposed = false;

  private constructor(plan: Plan, library: Library, { koffi, pool, handOver }: DeviceParts, host: Host) {
    this.plan = plan;
    this.#host = host;
    this.#koffi = koffi;
    this.#pool = pool;
    this.#library = library;
    this.#entry = koffi.address(library.symbol("run"));
    this.#place = handOver === "all" ? "queue" : placeOf(effortOf(plan, pace));
    this.#keeping = new Keeping(plan, host.stamps);
    if (plan.kept !== undefined) this.#kept = host.keep(plan.kept.bytes);
    this.#slots = new BigUint64Array(plan.slots + 1);
    this.arenaBytes = plan.arenaBytes + plan.scratchBytes * pool.threads + (plan.kept?.bytes ?? 0);
    this.compileMs = performance.now() - host.start;
  }

  /** Compiles and loads `plan`. */
  static async open(plan: Plan, parts: DeviceParts, host: Host): Promise<NativeExecutable> {
    const sources = renderParts(plan, parts.target, compilersFor(plan));
    const load = async (): Promise<NativeExecutable> =>
      NativeExecutable.#from(await compileLibrary(sources, parts.toolchain, parts.cache), plan, parts, host);
    // Another process may evict the file between its check and its loading; the second try compiles it again.
    return load().catch((error: unknown) => {
      if (error instanceof DeviceError) throw error;
      return load();
    });
  }

  /** The same while the calling thread waits. */
  static openSync(plan: Plan, parts: DeviceParts, host: Host): NativeExecutable {
    const sources = renderParts(plan, parts.target, compilersFor(plan));
    return NativeExecutable.#from(compileLibrarySync(sources, parts.toolchain, parts.cache), plan, parts, host);
  }

  static #from({ path, cached }: Compiled, plan: Plan, parts: DeviceParts, host: Host): NativeExecutable {
    const library = parts.koffi.load(path);
    announceKernels(plan, { cached, ms: performance.now() - host.start });
    // What does not fit in memory fails here, before a run has overwritten anything.
    host.arena();
    announceProgram(plan, "native");
    return new NativeExecutable(plan, library, parts, host);
  }

  run(inputs: readonly DeviceBuffer[], outputs: readonly DeviceBuffer[], failed?: (error: unknown) => void): void {
    const { name, slots: all, kept } = this.plan;
    const count = kept === undefined ? all : all - 2;
    if (this.#disposed) throw new DeviceError(`native: the program ${name} was disposed of`);
    if (1 + inputs.length + outputs.length !== count)
      throw new InternalError(`native: ${name} has ${count} slots, not ${1 + inputs.length + outputs.length}`);
    const arena = this.#host.arena();
    // The slot after the plan's own: where the program adds up the time of each launch, if anybody wants to know.
    const clocks = heard("run") ? NativeBuffer.alone(clockBytes(this.plan), this.#koffi) : undefined;
    const slots = this.#slots;
    slots[all] = clocks?.address ?? 0n;
    slots[0] = arena.address;
    let slot = 1;
    for (const buffer of inputs) slots[slot++] = native(buffer).address;
    for (const buffer of outputs) slots[slot++] = native(buffer).address;
    const stale = this.#keeping.next(inputs, outputs);
    if (kept !== undefined) {
      slots[kept.flag] = stale ? this.#host.flags.make : this.#host.flags.leave;
      slots[kept.memory] = this.#kept!.address;
    }

    const { queue } = this.#pool;
    if (clocks !== undefined) queue.settle(); // the run starts when its clock does
    const start = performance.now();
    const landed = (status: number): void => {
      if (clocks !== undefined) announceRun(this.plan, "native", start, clocks.view);
      if (status === runStatus.done) return;
      this.#keeping.forget();
      failed?.(this.#outOfMemory());
    };
    if (this.#place !== "queue" && !queue.busy) {
      landed(this.#pool.runHere(this.#entry, slots, this.#place === "here"));
      return;
    }
    queue.run(this.#entry, slots, [arena, inputs, outputs, clocks, this.#kept], landed);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#kept !== undefined) this.#host.free(this.#kept);
    this.#host.disposed(this);
    this.#pool.queue.after(() => this.#library.unload());
  }

  #outOfMemory(): DeviceError {
    const { name, scratchBytes } = this.plan;
    return new DeviceError(`native: no memory for the scratch space of ${name}, ${scratchBytes} bytes for each thread`);
  }
}
