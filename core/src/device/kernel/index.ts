export { createKernelDevice, kernelTarget } from "./kernel.ts";
export { type Slots, runPlan } from "./runPlan.ts";
