export { createNativeDevice, type NativeDevice, type NativeOptions, nativeAvailable } from "./device.ts";
