import { DeviceError } from "../../base/errors.ts";
import { builtin, environment } from "../../base/host.ts";
import { engine } from "../../render/wasm/engine.ts";
import { type HandOver, WasmDevice } from "./device.ts";
import { threadsExist } from "./pool.ts";
import { allowRelaxed, relaxedByDefault } from "./relaxed.ts";

export { WasmDevice } from "./device.ts";
export { allowRelaxed } from "./relaxed.ts";

export interface WasmOptions {
  /** Worker threads; all cores by default. Without shared memory there is one, the calling thread. */
  readonly threads?: number;
  /**
   * Fused multiply-add of relaxed SIMD: faster, and the last bits then depend on the processor. By default where the engine has it
   * (in Node 20 a flag of the engine is set for that), unless CHAINRULE_RELAXED is "0".
   */
  readonly relaxed?: boolean;
  /** "none" runs on the calling thread even where threads could be started. */
  readonly sharing?: "automatic" | "none";
  /** Short programs run faster on the calling thread than on others that must be woken first; "all" are given to threads. */
  readonly handOver?: HandOver;
}

const mostThreads = 16;

/** A device that runs compiled programs as WebAssembly, in Node and in browsers. */
export async function createWasmDevice({
  threads,
  relaxed,
  sharing = "automatic",
  handOver = "long",
}: WasmOptions = {}): Promise<WasmDevice> {
  if (engine === undefined) throw new DeviceError("wasm: this JavaScript engine has no WebAssembly");
  const fused = (relaxed ?? (environment("CHAINRULE_RELAXED") !== "0" && relaxedByDefault())) && allowRelaxed();
  if (relaxed === true && !fused)
    throw new DeviceError({ what: "wasm: this engine has no relaxed SIMD", hint: "leave out `relaxed`" });
  const obstacle = sharing === "none" ? "on the calling thread" : sharingObstacle();
  if (obstacle === undefined) {
    const count = threads ?? Math.min(cores(), mostThreads);
    const device = new WasmDevice({
      threads: count,
      shared: true,
      relaxed: fused,
      handOver,
      description: describe(fused, count),
    });
    try {
      // In pages a policy may forbid workers, which shows only when they start.
      if (builtin("node:worker_threads") === undefined) await device.ready;
      return device;
    } catch {
      await device.close();
    }
  }
  const reason = obstacle ?? "threads could not be started";
  return new WasmDevice({ threads: 1, shared: false, relaxed: fused, description: `${describe(fused, 1)}, ${reason}` });
}

const describe = (relaxed: boolean, threads: number): string =>
  `SIMD${relaxed ? " with fused multiply-add" : ""}, ${threads} ${threads === 1 ? "thread" : "threads"}`;

/** Why memory cannot be shared by threads here, or undefined when it can. */
function sharingObstacle(): string | undefined {
  // A page without cross-origin isolation may have the constructor, but cannot send its memory to workers.
  const { crossOriginIsolated } = globalThis as { readonly crossOriginIsolated?: boolean };
  if (typeof SharedArrayBuffer === "undefined" || crossOriginIsolated === false)
    return "no shared memory: the page is not cross-origin isolated";
  if (!threadsExist()) return "no worker threads here";
  return undefined;
}

function cores(): number {
  const os = builtin<{ availableParallelism(): number }>("node:os");
  // Declared only for pages.
  const { navigator } = globalThis as { readonly navigator?: { readonly hardwareConcurrency?: number } };
  return os?.availableParallelism() ?? navigator?.hardwareConcurrency ?? 1;
}
