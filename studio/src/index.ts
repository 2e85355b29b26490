export { runsCommand } from "./command/runs.ts";
export { studioCommand } from "./command/studio.ts";
export { type ServerOptions, type StudioServer, startServer } from "./server/server.ts";
export { type StudioRecordingOptions, studioOptions, studioRecording } from "./training/recording.ts";
