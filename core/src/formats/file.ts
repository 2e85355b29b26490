import { ArgumentError, DataError } from "../base/errors.ts";
import { builtin } from "../base/host.ts";

/** What is needed of Node's file system. */
interface FileSystem {
  readFile(path: string): Promise<Uint8Array>;
  open(
    path: string,
    flags: string,
  ): Promise<{ writeFile(data: Uint8Array | string): Promise<void>; sync(): Promise<void>; close(): Promise<void> }>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { readonly force: boolean }): Promise<void>;
}

function fileSystem(): FileSystem {
  const found = builtin<FileSystem>("node:fs/promises");
  if (found !== undefined) return found;
  throw new ArgumentError({
    what: "there is no file system here",
    hint: "in a page, use modelToBytes(model) and modelFromBytes(bytes), and store the bytes as you like",
  });
}

export const reasonOf = (error: unknown): string => {
  const { code, message } = error as { code?: string; message?: string };
  const known: Record<string, string> = {
    ENOENT: "no such file or folder",
    EACCES: "permission denied",
    EPERM: "permission denied",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of the path is no folder",
    ENOSPC: "the disk is full",
    EROFS: "the file system is read-only",
  };
  return known[code ?? ""] ?? message ?? String(error);
};

/** All bytes of a file; a clear DataError when it cannot be read. */
export async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await fileSystem().readFile(path);
  } catch (error) {
    if (error instanceof ArgumentError) throw error;
    throw new DataError(`cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** Writes a file whole or not at all: to a new file beside it, which then takes its name. */
export async function writeFileAtomically(path: string, bytes: Uint8Array | string): Promise<void> {
  const fs = fileSystem();
  const draft = `${path}.${Math.random().toString(36).slice(2)}.tmp`;
  try {
    const handle = await fs.open(draft, "wx");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(draft, path);
  } catch (error) {
    await fs.rm(draft, { force: true }).catch(() => {});
    throw new DataError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}
