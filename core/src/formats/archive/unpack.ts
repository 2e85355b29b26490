import { ArgumentError, DataError } from "../../base/errors.ts";
import { builtin } from "../../base/host.ts";
import { openFile } from "../byteSource.ts";
import { reasonOf } from "../file.ts";
import type { ArchiveEntry, ArchiveOptions } from "./entry.ts";
import { archiveEntries } from "./open.ts";

/** What is needed of Node's file system. */
interface FileSystem {
  mkdir(path: string, options: { readonly recursive: boolean }): Promise<unknown>;
  mkdtemp(prefix: string): Promise<string>;
  open(path: string, flags: string): Promise<{ write(bytes: Uint8Array): Promise<unknown>; close(): Promise<void> }>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { readonly recursive: boolean; readonly force: boolean }): Promise<void>;
  stat(path: string): Promise<{ isDirectory(): boolean }>;
}

/**
 * Unpacks an archive (zip, tar, tar.gz) into a new folder, wholly or not at all, and returns the folder; one that exists already
 * is left as it is. Names that lead out of the folder, links, devices, and more bytes or files than allowed are refused.
 */
export async function unpackArchive(path: string, folder: string, options: ArchiveOptions = {}): Promise<string> {
  const fs = builtin<FileSystem>("node:fs/promises");
  if (fs === undefined) {
    throw new ArgumentError({
      what: "there is no file system here",
      hint: "in a page, read the files of an archive with archiveEntries(blobSource(file))",
    });
  }
  const exists = async (): Promise<boolean> =>
    fs.stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
  if (await exists()) return folder;
  const bytes = await openFile(path);
  try {
    // A new folder that only we know: nothing that lies there, no link among it, can lead us elsewhere.
    const parent = folder.replace(/[^/\\]*[/\\]*$/, "") || ".";
    await fs.mkdir(parent, { recursive: true });
    const draft = await fs.mkdtemp(`${folder.replace(/[/\\]+$/, "")}.part-`);
    try {
      for await (const entry of archiveEntries(bytes, path, options)) await writeEntry(fs, draft, entry);
      // Where another process was faster, its folder stays.
      await fs.rename(draft, folder).catch(async (error: unknown) => {
        if (!(await exists())) throw error;
      });
    } finally {
      await fs.rm(draft, { recursive: true, force: true });
    }
    return folder;
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError({
      what: `cannot unpack ${path} to ${folder}: ${reasonOf(error)}`,
      hint: "two of its files have one place, or the folder cannot be written to",
    });
  } finally {
    await bytes.close();
  }
}

async function writeEntry(fs: FileSystem, folder: string, entry: ArchiveEntry): Promise<void> {
  const target = `${folder}/${entry.name}`;
  await fs.mkdir(entry.kind === "folder" ? target : target.replace(/\/[^/]*$/, ""), { recursive: true });
  if (entry.kind === "folder") return;
  // "wx" never follows nor overwrites what is there: two files of one name are refused, on any file system.
  const file = await fs.open(target, "wx");
  try {
    for await (const chunk of entry.chunks()) await writeAll(file, chunk);
  } finally {
    await file.close();
  }
}

/** A write may take fewer bytes than it was given. */
async function writeAll(file: { write(bytes: Uint8Array): Promise<unknown> }, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = (await file.write(bytes.subarray(done))) as { bytesWritten: number }; // as Node documents it
    done += bytesWritten;
  }
}
