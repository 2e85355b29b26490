export type { ArchiveEntry, ArchiveOptions } from "./entry.ts";
export { type Chunks, chunksOf, gathered, inflated } from "./inflate.ts";
export { type ArchiveKind, archiveEntries, entryBytes, gunzip } from "./open.ts";
export { unpackArchive } from "./unpack.ts";
