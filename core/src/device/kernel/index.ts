export { createKernelDevice, kernelTarget } from "./kernel.ts";
export { runPlan, type Slots, type TaskOrder } from "./runPlan.ts";
