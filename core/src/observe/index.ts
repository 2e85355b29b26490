export { chromeTrace } from "./chromeTrace.ts";
export { bytesOf, type KernelProfile, type Profile, type ProgramProfile, startProfile } from "./profile.ts";
