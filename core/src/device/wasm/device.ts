import { bytesPerElement } from "../../base/dtype.ts";
import { DeviceError } from "../../base/errors.ts";
import { heard } from "../../base/events.ts";
import { sizeOf } from "../../base/shape.ts";
import { compile } from "../../compiler/compile.ts";
import type { Plan, PlanTensor, Program } from "../../kernel/plan.ts";
import type { Target } from "../../render/target.ts";
import { requireEngine, type WasmInstance } from "../../render/wasm/engine.ts";
import { controlBytes, renderWasm, type WasmOptions, wasmTarget } from "../../render/wasm/index.ts";
import { announceKernels, announceProgram, announceRun, clockBytes } from "../announce.ts";
import type { Device, DeviceBuffer, Executable } from "../device.ts";
import { effortOf, type Pace } from "../effort.ts";
import { Keeping, Stamps } from "../stamps.ts";
import { frugally } from "./frugal.ts";
import { alignment, Heap } from "./heap.ts";
import { LinearMemory } from "./memory.ts";
import { type CompiledModule, compileModule, compileModuleSync, isCompiled } from "./modules.ts";
import { Pool } from "./pool.ts";
import { Region } from "./region.ts";
import { Turns, type Underway } from "./turns.ts";

/** Address 0 stays unused, so that no buffer is at the null pointer. */
const heapStart = 1024;

/** A piece of the device's memory. */
class WasmBuffer implements DeviceBuffer {
  readonly address: number;
  readonly bytes: number;
  freed = false;
  constructor(address: number, bytes: number) {
    this.address = address;
    this.bytes = bytes;
  }
}

/** What a loaded program needs of the shared regions. */
interface Needs {
  readonly arenaBytes: number;
  readonly scratchBytes: number;
  readonly slots: number;
}

export interface WasmDeviceOptions {
  readonly threads: number;
  readonly shared: boolean;
  readonly relaxed: boolean;
  readonly description: string;
  readonly handOver?: HandOver;
}

/** Which programs threads run: those that are worth it, or all; the calling thread runs the others. */
export type HandOver = "long" | "all";

/** What one thread does or somewhat less, and the time that waking others takes. */
const pace: Pace = { multiplyAdds: 8_000, bytes: 10_000, launchMicroseconds: 0.1 };
const shortMicroseconds = 100;

/** The device that runs plans as WebAssembly modules: on worker threads with shared memory, else on the calling thread. */
export class WasmDevice implements Device {
  readonly name = "wasm";
  readonly description: string;
  readonly threads: number;
  /** What programs are compiled for. */
  readonly target: Target;
  readonly #rendering: WasmOptions;
  readonly #memory: LinearMemory;
  readonly #heap: Heap;
  readonly #pool: Pool | undefined;
  readonly #control: number;
  readonly #arena: Region;
  readonly #scratch: Region;
  readonly #slots: Region;
  readonly #stamps = new Stamps();
  /** Where a byte 0 lies, and a byte 1 further on: whether a run makes what its plan keeps. */
  readonly #flags: number;
  readonly #loaded = new Set<Needs>();
  /** Executables that use each module. */
  readonly #users = new Map<number, number>();
  readonly #instances = new Map<number, WasmInstance>();
  readonly #turns = new Turns();
  readonly #handOver: HandOver;
  #closed = false;

  constructor({ threads, shared, relaxed, description, handOver = "long" }: WasmDeviceOptions) {
    this.threads = threads;
    this.#handOver = handOver;
    this.description = description;
    this.target = wasmTarget({ threads, relaxed });
    this.#rendering = { shared, relaxed };
    this.#memory = new LinearMemory(shared);
    this.#heap = new Heap(heapStart, (end) => this.#memory.ensure(end));
    this.#control = this.#heap.allocate(controlBytes);
    this.#flags = this.#heap.allocate(2 * alignment);
    this.#memory.bytes.fill(0, this.#flags, this.#flags + 2 * alignment)[this.#flags + alignment] = 1;
    [this.#arena, this.#scratch, this.#slots] = [
      new Region(this.#heap),
      new Region(this.#heap),
      new Region(this.#heap),
    ];
    this.#pool = shared ? new Pool(threads, this.#memory.memory) : undefined;
  }

  /** Resolved when all threads have started. */
  get ready(): Promise<void> {
    return this.#pool?.ready ?? Promise.resolve();
  }

  get busy(): boolean {
    return !this.#turns.idle;
  }

  allocate(bytes: number): WasmBuffer {
    return new WasmBuffer(this.#heap.allocate(bytes), bytes);
  }

  free(buffer: DeviceBuffer): void {
    const own = ours(buffer);
    own.freed = true;
    this.#turns.add(() => void this.#heap.free(own.address));
  }

  write(buffer: DeviceBuffer, bytes: Uint8Array): void {
    this.#stamps.changed(buffer);
    this.#memory.bytes.set(bytes, ours(buffer, bytes.length).address);
  }

  async read(buffer: DeviceBuffer, bytes: number): Promise<Uint8Array> {
    const { address } = ours(buffer, bytes);
    return this.#turns.ask(() => this.#bytesAt(address, bytes));
  }

  readSync(buffer: DeviceBuffer, bytes: number): Uint8Array {
    const { address } = ours(buffer, bytes);
    this.#turns.settle();
    return this.#bytesAt(address, bytes);
  }

  copy(from: DeviceBuffer, to: DeviceBuffer, bytes: number): void {
    const [source, target] = [ours(from, bytes).address, ours(to, bytes).address];
    this.#stamps.changed(to);
    this.#turns.add(() => void this.#memory.bytes.copyWithin(target, source, source + bytes));
  }

  settled(): Promise<void> {
    return this.#turns.ask(() => {});
  }

  async load(program: Program): Promise<Executable> {
    const start = performance.now();
    const { plan, bytes } = this.#written(program);
    return this.#compiled(plan, bytes, start);
  }

  loadSync(program: Program): Executable {
    const start = performance.now();
    const { plan, bytes } = this.#written(program);
    const built = { cached: isCompiled(bytes), start };
    const module = compileModuleSync(bytes);
    this.#turns.settle();
    return this.#loadedFrom(plan, module, built);
  }

  /** Makes a compiled plan ready to run. */
  async loadPlan(plan: Plan, start = performance.now()): Promise<Executable> {
    return this.#compiled(plan, renderWasm(plan, this.#rendering), start);
  }

  #written(program: Program): { readonly plan: Plan; readonly bytes: Uint8Array<ArrayBuffer> } {
    return frugally(program, () => {
      const plan = compile(program, this.target);
      return { plan, bytes: renderWasm(plan, this.#rendering) };
    });
  }

  async #compiled(plan: Plan, bytes: Uint8Array<ArrayBuffer>, start: number): Promise<Executable> {
    const built = { cached: isCompiled(bytes), start };
    const module = await compileModule(bytes);
    return this.#turns.ask(() => this.#loadedFrom(plan, module, built));
  }

  /** Between two runs: makes room for the program, and tells the threads of it. */
  #loadedFrom(
    plan: Plan,
    module: CompiledModule,
    { cached, start }: { readonly cached: boolean; readonly start: number },
  ): Executable {
    announceKernels(plan, { cached, ms: performance.now() - start });
    if (this.#closed) throw closedError(plan);
    const needs: Needs = { arenaBytes: plan.arenaBytes, scratchBytes: plan.scratchBytes, slots: plan.slots + 1 };
    this.#claim(needs);
    this.#addUser(module);
    announceProgram(plan, "wasm");
    // The same program with clocks, from the first run on that somebody wants to see.
    let timed: CompiledModule | undefined;
    const chosen = (): CompiledModule => {
      if (!heard("run")) return module;
      if (timed === undefined) {
        timed = compileModuleSync(renderWasm(plan, { ...this.#rendering, timed: true }));
        this.#addUser(timed);
      }
      return timed;
    };
    const { kept } = plan;
    const keeping = new Keeping(plan, this.#stamps);
    const memory = kept === undefined ? 0 : this.#heap.allocate(kept.bytes);
    let disposed = false;
    const alone = this.#handOver === "long" && effortOf(plan, pace) < shortMicroseconds;
    return {
      plan,
      compileMs: performance.now() - start,
      arenaBytes: plan.arenaBytes + plan.scratchBytes * this.threads + (kept?.bytes ?? 0),
      run: (inputs, outputs, failed) => {
        if (disposed) throw new DeviceError(`${plan.name}: the program was disposed`);
        if (this.#closed) throw closedError(plan);
        const slots = slotsOf(plan, inputs, outputs);
        const stale = keeping.next(inputs, outputs);
        if (kept !== undefined) {
          slots[kept.flag] = this.#flags + (stale ? alignment : 0);
          slots[kept.memory] = memory;
        }
        const chosenModule = chosen();
        this.#turns.add(() =>
          this.#run(plan, chosenModule, slots, alone, (error) => {
            keeping.forget();
            failed?.(error);
          }),
        );
      },
      dispose: () => {
        if (disposed) return;
        disposed = true;
        this.#turns.add(() => {
          this.#loaded.delete(needs);
          this.#removeUser(module);
          if (kept !== undefined) this.#heap.free(memory);
          if (timed !== undefined) this.#removeUser(timed);
          return void this.#resizeRegions();
        });
      },
    };
  }

  memory(): { readonly bytes: number; readonly peakBytes: number } {
    return { bytes: this.#heap.bytes, peakBytes: this.#heap.peakBytes };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool?.close();
  }

  #bytesAt(address: number, bytes: number): Uint8Array {
    // A copy in memory of its own: most interfaces refuse views of shared memory.
    const copy = new Uint8Array(bytes);
    copy.set(this.#memory.bytes.subarray(address, address + bytes));
    return copy;
  }

  /** A program's turn: on the calling thread when it is `alone`, else on all threads. */
  #run(
    plan: Plan,
    module: CompiledModule,
    slots: Int32Array,
    alone: boolean,
    failed: (error: DeviceError) => void,
  ): Underway | undefined {
    const clocks = heard("run") ? this.allocate(clockBytes(plan)) : undefined;
    if (clocks !== undefined) this.#memory.bytes.fill(0, clocks.address, clocks.address + clocks.bytes);
    slots[0] = this.#arena.address;
    slots[plan.slots] = clocks?.address ?? 0;
    this.#memory.words(this.#slots.address, slots.length).set(slots);
    this.#memory.words(this.#control, controlBytes / 4).fill(0);
    const job = {
      module: module.id,
      threads: this.threads,
      control: this.#control,
      slots: this.#slots.address,
      scratch: this.#scratch.address,
    };
    const start = performance.now();
    const landed = (error: unknown): void => {
      if (clocks !== undefined) {
        announceRun(plan, "wasm", start, this.#bytesAt(clocks.address, clocks.bytes));
        this.#heap.free(clocks.address);
      }
      if (error !== undefined) failed(failure(plan.name, error));
    };
    if (this.#pool !== undefined && !alone) return this.#pool.run(job, this.#scratchStride(), landed);
    let thrown: unknown;
    try {
      this.#instance(module).exports["run"]!(0, 1, job.control, job.slots, job.scratch);
    } catch (error) {
      thrown = error;
    }
    landed(thrown);
    return undefined;
  }

  /** Makes the regions large enough for one more program: what does not fit fails here, before a run has overwritten anything. */
  #claim(needs: Needs): void {
    this.#loaded.add(needs);
    try {
      this.#resizeRegions();
    } catch (error) {
      this.#loaded.delete(needs);
      this.#resizeRegions();
      throw error;
    }
  }

  /** The largest need of all loaded programs; called only between runs. */
  #resizeRegions(): void {
    const most = (need: (needs: Needs) => number): number => Math.max(0, ...[...this.#loaded].map(need));
    this.#arena.resize(most(({ arenaBytes }) => arenaBytes));
    this.#scratch.resize(this.#scratchStride() * this.threads);
    this.#slots.resize(most(({ slots }) => slots * 4));
  }

  /** Bytes between the scratch memory of neighbouring threads. */
  #scratchStride(): number {
    const most = Math.max(0, ...[...this.#loaded].map(({ scratchBytes }) => scratchBytes));
    return Math.ceil(most / alignment) * alignment;
  }

  #addUser(module: CompiledModule): void {
    const users = this.#users.get(module.id) ?? 0;
    this.#users.set(module.id, users + 1);
    if (users === 0) this.#pool?.load(module.id, module.code);
  }

  #removeUser({ id }: CompiledModule): void {
    const users = (this.#users.get(id) ?? 1) - 1;
    if (users > 0) {
      this.#users.set(id, users);
      return;
    }
    this.#users.delete(id);
    this.#instances.delete(id);
    this.#pool?.drop(id);
  }

  #instance({ id, code }: CompiledModule): WasmInstance {
    const known = this.#instances.get(id);
    if (known !== undefined) return known;
    const made = new (requireEngine().Instance)(code, {
      host: { memory: this.#memory.memory, now: () => performance.now() },
    });
    this.#instances.set(id, made);
    return made;
  }
}

/** The addresses of a run's buffers; the first slot is the arena's, the last is for clocks. */
function slotsOf(plan: Plan, inputs: readonly DeviceBuffer[], outputs: readonly DeviceBuffer[]): Int32Array {
  const slots = new Int32Array(plan.slots + 1);
  const place = ({ slot, shape, dtype }: PlanTensor, buffer: DeviceBuffer | undefined): void => {
    slots[slot] = ours(buffer, sizeOf(shape) * bytesPerElement[dtype]).address;
  };
  plan.inputs.forEach((tensor, index) => {
    place(tensor, inputs[index]);
  });
  let fresh = 0;
  for (const tensor of plan.outputs) if (tensor.replaces === undefined) place(tensor, outputs[fresh++]);
  return slots;
}

const failure = (name: string, error: unknown): DeviceError =>
  new DeviceError({
    what: `${name}: the program failed on the wasm device`,
    details: [{ role: "cause", value: firstLines(error) }],
    hint: "this is a bug of chainrule, or memory ran out; please report it with the program",
  });

const closedError = (plan: Plan): DeviceError => new DeviceError(`${plan.name}: the wasm device was closed`);

const firstLines = (error: unknown): string =>
  String(error instanceof Error ? error.message : error)
    .split("\n")
    .slice(0, 3)
    .map((line) => line.trim())
    .join(" ");

/** Checks that a buffer is of this kind of device, alive and large enough. */
function ours(buffer: DeviceBuffer | undefined, bytes = 0): WasmBuffer {
  if (!(buffer instanceof WasmBuffer))
    throw new DeviceError("wasm: a buffer of another device was passed, or one is missing");
  if (buffer.freed) throw new DeviceError("wasm: a buffer is used after it was freed");
  if (buffer.bytes < bytes) throw new DeviceError(`wasm: a buffer has ${buffer.bytes} bytes, ${bytes} are needed`);
  return buffer;
}
