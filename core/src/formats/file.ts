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
  mkdir(path: string, options: { readonly recursive: boolean }): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
  appendFile(path: string, data: Uint8Array | string): Promise<void>;
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

export const checkPath = "check the path, and who may read it";

/** All bytes of a file; a clear DataError when it cannot be read. */
export async function readFile(path: string): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, byteLength } = await fileSystem().readFile(path);
    // Node's own kind of array shares memory where others copy.
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    if (error instanceof ArgumentError) throw error;
    throw new DataError({ what: `cannot read ${path}: ${reasonOf(error)}`, hint: checkPath });
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
    await settle(fs, path);
  } catch (error) {
    await fs.rm(draft, { force: true }).catch(() => {});
    throw new DataError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** Makes the new name last through a loss of power, where folders can be opened for that. */
async function settle(fs: FileSystem, path: string): Promise<void> {
  try {
    const folder = await fs.open(path.replace(/[^/\\]*$/, "") || ".", "r");
    await folder.sync().finally(() => folder.close());
  } catch {
    // Windows cannot: the name lasts once the system writes it.
  }
}

const attempt = async <T>(what: string, path: string, action: (fs: FileSystem) => Promise<T>): Promise<T> => {
  const fs = fileSystem();
  try {
    return await action(fs);
  } catch (error) {
    throw new DataError(`cannot ${what} ${path}: ${reasonOf(error)}`);
  }
};

/** Makes a folder, and those above it, where they are missing. */
export const makeFolder = async (path: string): Promise<void> => {
  await attempt("make the folder", path, (fs) => fs.mkdir(path, { recursive: true }));
};
/** The names in a folder. */
export const listFolder = (path: string): Promise<string[]> => attempt("list", path, (fs) => fs.readdir(path));
/** Removes a file, if it is there. */
export const removeFile = (path: string): Promise<void> =>
  attempt("remove", path, (fs) => fs.rm(path, { force: true }));
/** Writes at the end of a file, which is made if it is missing. */
export const appendToFile = (path: string, data: Uint8Array | string): Promise<void> =>
  attempt("write", path, (fs) => fs.appendFile(path, data));
