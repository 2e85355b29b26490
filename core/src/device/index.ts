export { announceKernels, announceProgram, announceRun, clockBytes } from "./announce.ts";
export type { Device, DeviceBuffer, DeviceName, Executable } from "./device.ts";
export { createReferenceDevice } from "./reference/index.ts";
export { type DeviceReport, defaultDevice, deviceReport, setDevice, setThreads } from "./select.ts";
