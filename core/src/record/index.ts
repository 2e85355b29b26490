export * from "./api.ts";
export * from "./commands.ts";
export { type Curve, Curves } from "./curves.ts";
export { type Damage, decodeFrames, FrameDecoder, type PlacedFrame, wholeBytes } from "./decoder.ts";
export * from "./description.ts";
export { diagnose, doctorLimits, doctorRules, type Finding } from "./doctor.ts";
export { type Contents, type Entry, type Slice, toEntry, toFrame } from "./entry.ts";
export * from "./events.ts";
export { Facts, type StatsAt } from "./facts.ts";
export {
  encodeFrame,
  encodeHeader,
  type Frame,
  type FrameKind,
  formatVersion,
  frameBytes,
  frameFlags,
  frameHeaderBytes,
  frameKinds,
  headerBytes,
  kindOf,
  longestPayload,
} from "./frame.ts";
export {
  addHistograms,
  type Bar,
  barsOf,
  bucketCount,
  bucketOf,
  bucketRange,
  type ExponentHistogram,
  histogramOf,
  sparse,
} from "./histogram.ts";
export * from "./measures.ts";
export { type Grid, type GridCurve, gridOf, Pyramid, type Summary } from "./pyramid.ts";
export { LogReader, type PlacedEntry, readLog } from "./reader.ts";
export type { ScalarBlock } from "./scalars.ts";
export { bytesSlice, floatsSlice, halvesSlice, sliceValues } from "./slice.ts";
export { measure, momentsOf, nonFiniteCount, saturation, statsOf, type TensorStats } from "./stats.ts";
export { encodePiece, TailDecoder } from "./tail.ts";
export { LogWriter, type Place, type Sink } from "./writer.ts";
