import { bytesPerElement } from "../base/dtype.ts";
import { emit, heard } from "../base/events.ts";
import { sizeOf } from "../base/shape.ts";
import { countsOf, launchesOf } from "../kernel/launches.ts";
import type { Plan, PlanTensor } from "../kernel/plan.ts";

/** Tells observers of each kernel of a plan that was built, or found in a cache; `ms` is the time that all took together. */
export function announceKernels({ kernels }: Plan, built: { readonly cached: boolean; readonly ms: number }): void {
  if (!heard("kernel")) return;
  for (const { name, scope } of kernels) emit("kernel", () => ({ name, scope, ...built }));
}

const bytesOf = ({ shape, dtype }: PlanTensor): number => sizeOf(shape) * bytesPerElement[dtype];

/** Tells observers of a program that is ready to run, and of the memory it needs. */
export function announceProgram(plan: Plan, device: string): void {
  emit("program", () => {
    const { name, inputs, outputs, arenaBytes, scratchBytes, tenants = [] } = plan;
    const written = new Set(outputs.flatMap(({ replaces }) => (replaces === undefined ? [] : [replaces])));
    const fresh = outputs.filter(({ replaces }) => replaces === undefined);
    return {
      name,
      device,
      inputs: inputs.map((each, index) => ({ name: each.name, bytes: bytesOf(each), state: written.has(index) })),
      outputBytes: fresh.reduce((sum, each) => sum + bytesOf(each), 0),
      arenaBytes,
      scratchBytes,
      tenants,
    };
  });
}

/** Bytes of the doubles to which a run adds the milliseconds of each launch. */
export const clockBytes = ({ steps }: Plan): number => launchesOf(steps).length * Float64Array.BYTES_PER_ELEMENT;

/** Tells observers how long each launch of a run took; `clocks` holds the doubles. */
export function announceRun(plan: Plan, device: string, start: number, clocks: Uint8Array): void {
  emit("run", () => {
    const counts = countsOf(plan.steps);
    const ms = new Float64Array(clocks.slice().buffer);
    const launches = launchesOf(plan.steps).map(({ kernel, work }, index) => {
      const { scope = "", multiplyAdds = 0, bytes = 0 } = work ?? {};
      return { kernel: plan.kernels[kernel]!.name, scope, count: counts[index]!, multiplyAdds, bytes, ms: ms[index]! };
    });
    return { program: plan.name, device, start, launches };
  });
}
