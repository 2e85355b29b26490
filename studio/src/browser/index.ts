export { type FromTraining, type Port, type PortRecordingOptions, portRecording } from "./portRecording.ts";
