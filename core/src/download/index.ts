export type { Checksum } from "./checksum.ts";
export { type FetchOptions, fetchArchive, fetchFile, fetchSource } from "./fetchFile.ts";
export { cacheFolder, fileExists } from "./folder.ts";
export { type DownloadProgress, progressLine, terminalProgress } from "./progress.ts";
