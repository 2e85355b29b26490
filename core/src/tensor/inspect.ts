import { defaultDevice } from "../device/select.ts";
import { wasmTarget } from "../render/wasm/target.ts";
import { type AnyFunction, type Jitted, jitStateOf, traceTree } from "./jit.ts";
import { flatten } from "./tree.ts";

/** Text that shows what `fn` becomes for these arguments: its graph, its kernels with the reason of each boundary, its plan. */
export async function inspect<F extends AnyFunction>(fn: F | Jitted<F>, ...args: Parameters<F>): Promise<string> {
  const state = jitStateOf(fn);
  const flat = flatten(args, "argument", state.options.numbers === undefined ? {} : { numbers: state.options.numbers });
  const { traced } = traceTree(state, flat);
  // A device that interprets the graph has no machine to show: what WebAssembly would run stands in.
  const target = (await defaultDevice()).target ?? wasmTarget({ threads: 1, relaxed: false });
  // Loaded when asked for, and after the compiler, which the printers belong to.
  await import("../compiler/compile.ts");
  const { inspectProgram } = await import("../compiler/inspect.ts");
  return inspectProgram(traced.program, target);
}
