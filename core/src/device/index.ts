export { announceKernels, announceProgram, announceRun, clockBytes } from "./announce.ts";
export type { Device, DeviceBuffer, DeviceName, Executable } from "./device.ts";
export { effortOf, type Pace } from "./effort.ts";
export { type Limits, measureLimits } from "./limits.ts";
export { createReferenceDevice } from "./reference/index.ts";
export { createDevice, type DeviceReport, defaultDevice, deviceReport, setDevice, setThreads } from "./select.ts";
export { Keeping, Stamps } from "./stamps.ts";
