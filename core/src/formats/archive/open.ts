import { DataError } from "../../base/errors.ts";
import type { ByteSource } from "../byteSource.ts";
import { type ArchiveEntry, type ArchiveOptions, usualLimits } from "./entry.ts";
import { chunksOf, gathered, inflated } from "./inflate.ts";
import { tarEntries } from "./tar.ts";
import { zipEntries } from "./zip.ts";

/** The kinds of archive that are read. */
export type ArchiveKind = "zip" | "tar" | "tar.gz";

/** Tar files are padded and carry headers: what they unpack to is more than their files. */
const tarOverhead = 1024;

/** The files and folders of an archive (zip, tar, tar.gz: its first bytes tell), one after the other, nothing believed. */
export async function* archiveEntries(
  bytes: ByteSource,
  source = "the archive",
  options: ArchiveOptions = {},
): AsyncGenerator<ArchiveEntry> {
  const kind = await archiveKind(bytes, source);
  if (kind === "zip") return yield* zipEntries(bytes, source, options);
  if (kind === "tar") return yield* tarEntries(chunksOf(bytes), source, options);
  const { limitBytes, limitEntries } = { ...usualLimits, ...options };
  const limit = limitBytes + tarOverhead * (limitEntries + 20);
  yield* tarEntries(inflated(chunksOf(bytes), "gzip", limit, source), source, options);
}

async function archiveKind(bytes: ByteSource, source: string): Promise<ArchiveKind> {
  const start = await bytes.read(0, Math.min(bytes.size, 512));
  if (start[0] === 0x50 && start[1] === 0x4b) return "zip";
  if (start[0] === 0x1f && start[1] === 0x8b) return "tar.gz";
  if (new TextDecoder().decode(start.subarray(257, 262)) === "ustar") return "tar";
  throw new DataError({
    what: `${source}: it is no archive that is known`,
    hint: "known are .zip, .tar and .tar.gz files",
  });
}

/** The bytes of a file that was packed by gzip; more than `limitBytes` is refused. */
export async function gunzip(
  bytes: ByteSource,
  source = "the file",
  limitBytes = usualLimits.limitBytes,
): Promise<Uint8Array> {
  return gathered(inflated(chunksOf(bytes), "gzip", limitBytes, source), limitBytes, source);
}

/** All bytes of an entry, in one array. */
export const entryBytes = (entry: ArchiveEntry): Promise<Uint8Array> =>
  gathered(entry.chunks(), entry.size, entry.name);
