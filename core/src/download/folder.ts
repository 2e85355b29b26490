import { ArgumentError } from "../base/errors.ts";
import { builtin, environment } from "../base/host.ts";

/** What is needed of Node's file system. */
export interface FileSystem {
  mkdir(path: string, options: { readonly recursive: boolean; readonly mode?: number }): Promise<unknown>;
  open(path: string, flags: string): Promise<FileHandle>;
  readFile(path: string, encoding: "utf8"): Promise<string>;
  writeFile(path: string, text: string, options?: { readonly flag?: string }): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { readonly force: boolean }): Promise<void>;
  stat(path: string): Promise<{ readonly size: number; readonly mtimeMs: number; isFile(): boolean }>;
  utimes(path: string, accessed: Date, changed: Date): Promise<void>;
}

export interface FileHandle {
  write(bytes: Uint8Array): Promise<{ readonly bytesWritten: number }>;
  read(into: Uint8Array, offset: number, length: number): Promise<{ readonly bytesRead: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export function fileSystem(): FileSystem {
  const found = builtin<FileSystem>("node:fs/promises");
  if (found !== undefined) return found;
  throw new ArgumentError({
    what: "there is no file system here",
    hint: "in a page, fetchSource(url) keeps what it fetches in the browser's own cache",
  });
}

/** Only this user may see what was fetched. */
const privateMode = 0o700;

/** Where fetched files are kept, unless said otherwise: in CHAINRULE_CACHE, or in the user's cache folder. */
export function cacheFolder(): string {
  const own = environment("CHAINRULE_CACHE");
  if (own !== undefined) return own;
  const home = builtin<{ homedir(): string }>("node:os")?.homedir() ?? ".";
  const caches = environment("XDG_CACHE_HOME") ?? environment("LOCALAPPDATA") ?? `${home}/.cache`;
  return `${caches}/chainrule`;
}

/** Makes a folder for fetched files, which only this user can enter. */
export const makePrivateFolder = async (folder: string): Promise<void> => {
  await fileSystem().mkdir(folder, { recursive: true, mode: privateMode });
};

/** Whether a file is there. */
export const fileExists = (path: string): Promise<boolean> =>
  fileSystem()
    .stat(path)
    .then(
      (found) => found.isFile(),
      () => false,
    );
