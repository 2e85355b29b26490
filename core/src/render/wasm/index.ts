import type { Plan } from "../../kernel/plan.ts";
import { ModuleWriter } from "./assembler.ts";
import { forgetFacts } from "./facts.ts";
import { kernelFunction } from "./kernel.ts";
import { Library } from "./library.ts";
import { writeRun } from "./steps.ts";

export { FunctionWriter, ModuleWriter } from "./assembler.ts";
export { control, controlBytes } from "./control.ts";
export { scratchBytesOf } from "./kernel.ts";
export { relaxedSupported, wasmTarget } from "./target.ts";

export interface WasmOptions {
  /** The memory is shared by threads. */
  readonly shared: boolean;
  /** Uses relaxed multiply-add in register tiles and mathematical functions. */
  readonly relaxed: boolean;
  /** Adds up the time of each launch, in doubles at the address in the slot after the plan's own; imports "host" "now". */
  readonly timed?: boolean;
}

/** Pages of 64 KiB that a 32-bit memory can have: 4 GiB. */
export const maximumPages = 65536;

/** The module of a plan: imports "host" "memory" and exports `run` (see steps.ts). */
export function renderWasm(plan: Plan, { shared, relaxed, timed = false }: WasmOptions): Uint8Array<ArrayBuffer> {
  const module = new ModuleWriter(timed ? "clock" : "no clock");
  const library = new Library(module, relaxed);
  const kernels = plan.kernels.map((kernel) => module.add(kernel.name, kernelFunction(kernel, library)));
  module.export("run", writeRun(plan, module, kernels, { shared, timed }));
  forgetFacts();
  return module.finish({ shared, minimum: 1, maximum: maximumPages });
}
