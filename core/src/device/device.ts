import type { Plan, Program } from "../kernel/plan.ts";
import type { Target } from "../render/target.ts";

export type DeviceName = "native" | "webgpu" | "wasm" | "reference";

/** Memory of a device. What it is made of is the device's own matter. */
export interface DeviceBuffer {
  readonly bytes: number;
}

/** A program made ready to run on one device. */
export interface Executable {
  /**
   * Starts one run; `outputs` has one buffer for each output that replaces no input. Errors found before the run begins are
   * thrown; one of the run itself is told to `failed`, before anything that was asked for later is answered.
   */
  run(inputs: readonly DeviceBuffer[], outputs: readonly DeviceBuffer[], failed?: (error: unknown) => void): void;
  /** The plan, where the device works by plans (the reference device interprets the graph). */
  readonly plan: Plan | undefined;
  /** Milliseconds spent on compiling. */
  readonly compileMs: number;
  /** Peak bytes of the program's own memory (arena, scratch). */
  readonly arenaBytes: number;
  dispose(): void;
}

/** A place where programs run. Runs, copies and reads take effect in the order in which they are asked for. */
export interface Device {
  readonly name: DeviceName;
  /** For people: "AVX-512, 2 threads, cc 12.2". */
  readonly description: string;
  readonly threads: number;
  /** Whether something that was asked for may still be under way. */
  readonly busy: boolean;
  /** The machine that it compiles for; absent where nothing is compiled. */
  readonly target?: Target;
  /** Uninitialised memory, aligned to 64 bytes. */
  allocate(bytes: number): DeviceBuffer;
  /** Gives memory back when the work asked for so far is done with it; using the buffer afterwards is an error. */
  free(buffer: DeviceBuffer): void;
  /** Fills a buffer at once: only one that no run or copy was given yet. */
  write(buffer: DeviceBuffer, bytes: Uint8Array): void;
  /** A copy of the buffer's first `bytes` bytes. */
  read(buffer: DeviceBuffer, bytes: number): Promise<Uint8Array>;
  /** The same while the calling thread waits; a DeviceError where it cannot. */
  readSync(buffer: DeviceBuffer, bytes: number): Uint8Array;
  copy(from: DeviceBuffer, to: DeviceBuffer, bytes: number): void;
  load(program: Program): Promise<Executable>;
  /** Makes a plan for this device's target ready to run; absent where the device does not work by plans. */
  loadPlan?(plan: Plan): Promise<Executable>;
  /** The same while the calling thread waits; a DeviceError where it cannot. */
  loadSync(program: Program): Executable;
  /** Resolves when all that was asked for so far is done. */
  settled(): Promise<void>;
  memory(): { readonly bytes: number; readonly peakBytes: number };
  /** Ends threads; the device cannot be used afterwards. */
  close(): Promise<void>;
}
