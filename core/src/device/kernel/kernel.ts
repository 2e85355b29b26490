import { type CompileOptions, compile } from "../../compiler/compile.ts";
import type { Plan, Program } from "../../kernel/plan.ts";
import type { Target } from "../../render/target.ts";
import type { Device, Executable } from "../device.ts";
import { type HostMemory, hostMemory } from "../hostMemory.ts";
import { runPlan, type TaskOrder } from "./runPlan.ts";

/** A small machine, so that small tests meet blocks, tails and several tasks. */
export const kernelTarget: Target = {
  name: "kernel",
  vectorLanes: 4,
  vectorRegisters: 16,
  fusedMultiplyAdd: false,
  threads: 2,
  tile: { rows: 4, columns: 8 },
  depthBlock: 16,
  rowBlock: 16,
  columnBlock: 16,
  elementsPerTask: 256,
};

interface KernelDeviceOptions extends CompileOptions {
  readonly target?: Target;
  readonly order?: TaskOrder;
}

/**
 * A device that runs plans in plain JavaScript through the kernel interpreter: for tests of the compiler, and as the meaning
 * of plans. The arena is filled with 255s (NaN) before each run, so that reading what was never written shows.
 */
export function createKernelDevice({
  target = kernelTarget,
  order = "forward",
  ...options
}: KernelDeviceOptions = {}): Device {
  const { dataOf, ...memory } = hostMemory("kernel device");
  return {
    ...memory,
    name: "reference",
    description: "kernels, interpreted in JavaScript",
    threads: 1,
    load: async (program) => executable(program, dataOf, { target, order, ...options }),
    loadSync: (program) => executable(program, dataOf, { target, order, ...options }),
  };
}

function executable(
  program: Program,
  dataOf: HostMemory["dataOf"],
  { target, order, ...options }: Required<Pick<KernelDeviceOptions, "target" | "order">> & CompileOptions,
): Executable {
  const start = performance.now();
  const plan: Plan = compile(program, target, options);
  const compileMs = performance.now() - start;
  const arena = new Uint8Array(plan.arenaBytes);
  // Every run makes what others would keep.
  const kept = plan.kept === undefined ? [] : [new Uint8Array([1]), new Uint8Array(plan.kept.bytes)];
  return {
    plan,
    compileMs,
    arenaBytes: plan.arenaBytes + plan.scratchBytes,
    dispose() {},
    run(inputs, outputs) {
      arena.fill(255);
      runPlan(plan, [arena, ...inputs.map(dataOf), ...outputs.map(dataOf), ...kept], order);
    },
  };
}
