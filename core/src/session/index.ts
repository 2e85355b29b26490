export type { BlobStore } from "./checkpoints.ts";
export { exportCsv, exportJson, exportTensorBoard } from "./exports.ts";
export { modelGraph } from "./graph.ts";
export { type Letter, LetterQueue, LocalMailbox, type Mailbox, type Reply } from "./mailbox.ts";
export type { NotFinitePolicy, Parameter, RecordingOptions, RunPlace } from "./options.ts";
export type { Control, ControlOptions, Run, StepLogs } from "./run.ts";
export { record, Session } from "./session.ts";
export { type RunOptions, startRun } from "./startRun.ts";
