export { chromeTrace } from "./chromeTrace.ts";
export {
  aliveAtPeak,
  bytesOf,
  type KernelProfile,
  type Profile,
  type ProgramProfile,
  startProfile,
} from "./profile.ts";
export { Recorder } from "./recorder.ts";
export {
  FileSink,
  type FileSinkOptions,
  type LogFileSystem,
  MemorySink,
  portSink,
  type RunSink,
  sinks,
} from "./sinks.ts";
