import { emit, heard } from "../base/events.ts";
import type { Plan } from "../kernel/plan.ts";

/** Tells observers of each kernel of a plan that was built, or found in a cache; `ms` is the time that all took together. */
export function announceKernels({ kernels }: Plan, built: { readonly cached: boolean; readonly ms: number }): void {
  if (!heard("kernel")) return;
  for (const { name, scope } of kernels) emit("kernel", () => ({ name, scope, ...built }));
}
