import { engineVersion, setEngineFlags } from "../../base/host.ts";
import { relaxedSupported } from "../../render/wasm/target.ts";

/** V8 11.3, which is Node 20's, has all of relaxed SIMD behind a flag that 11.4 only dropped, and that may be set while it runs. */
const hidden = (): boolean => engineVersion().v8.startsWith("11.3.");

/** True where fused multiply-add is used without being asked for: where it is no experiment, or where our tests have covered it. */
export const relaxedByDefault = (): boolean => relaxedSupported() || (hidden() && engineVersion().processor === "x64");

/**
 * Makes the engine accept relaxed SIMD, if it can. The flag stays set: V8 looks at it again whenever it compiles a function, also
 * later and on other threads.
 */
export function allowRelaxed(): boolean {
  if (relaxedSupported()) return true;
  if (!hidden()) return false;
  setEngineFlags("--experimental-wasm-relaxed-simd");
  return relaxedSupported();
}
