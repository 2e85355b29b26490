import type { Plan, Program } from "../kernel/plan.ts";
import type { Target } from "../render/target.ts";

export type DeviceName = "native" | "webgpu" | "wasm" | "reference";

/** Memory of a device. What it is made of is the device's own matter. */
export interface DeviceBuffer {
  readonly bytes: number;
}

/** A program made ready to run on one device. */
export interface Executable {
  /** Runs once. `outputs` has one buffer for each output that replaces no input. Calls must not overlap on one device. */
  run(inputs: readonly DeviceBuffer[], outputs: readonly DeviceBuffer[]): Promise<void>;
  /** The plan, where the device works by plans (the reference device interprets the graph). */
  readonly plan: Plan | undefined;
  /** Milliseconds spent on compiling. */
  readonly compileMs: number;
  /** Peak bytes of the program's own memory (arena, scratch). */
  readonly arenaBytes: number;
  dispose(): void;
}

export interface Device {
  readonly name: DeviceName;
  /** For people: "AVX-512, 2 threads, cc 12.2". */
  readonly description: string;
  readonly threads: number;
  /** The machine that it compiles for; absent where nothing is compiled. */
  readonly target?: Target;
  /** Uninitialised memory, aligned to 64 bytes. */
  allocate(bytes: number): DeviceBuffer;
  /** Gives memory back; using the buffer afterwards is an error. Devices whose memory is garbage-collected may do nothing. */
  free(buffer: DeviceBuffer): void;
  write(buffer: DeviceBuffer, bytes: Uint8Array): void;
  /** A copy of the buffer's first `bytes` bytes. */
  read(buffer: DeviceBuffer, bytes: number): Promise<Uint8Array>;
  copy(from: DeviceBuffer, to: DeviceBuffer, bytes: number): void;
  load(program: Program): Promise<Executable>;
  /** Makes a plan for this device's target ready to run; absent where the device does not work by plans. */
  loadPlan?(plan: Plan): Promise<Executable>;
  memory(): { readonly bytes: number; readonly peakBytes: number };
  /** Ends threads; the device cannot be used afterwards. */
  close(): Promise<void>;
}
