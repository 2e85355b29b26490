import { ArgumentError, DataError } from "../../base/errors.ts";
import { builtin } from "../../base/host.ts";
import type { BlobLike } from "../../formats/index.ts";

/** A file that a user chose or dropped in a page; with `webkitRelativePath`, as a folder gives it. */
export interface FileLike extends BlobLike {
  readonly name: string;
  readonly webkitRelativePath?: string;
}

/** A folder of the machine, by its path; or the files of one, of which paths and addresses tell the classes. */
export type FolderLike = string | readonly (FileLike | URL)[];

/** A file of a folder. */
export interface FolderFile {
  /** Its path in the folder, with forward slashes: "cats/1.jpg". */
  readonly path: string;
  readonly from: string | FileLike | URL;
}

export interface Listing {
  /** Folders at the top, in order; hidden ones left out. */
  readonly folders: readonly string[];
  /** All files, in the order of Python's `sorted(os.walk(…))`: by their folders, then by their names. */
  readonly files: readonly FolderFile[];
}

interface Entry {
  readonly name: string;
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

/** What is needed of Node's file system. */
interface FileSystem {
  readdir(path: string, options: { readonly withFileTypes: true }): Promise<readonly Entry[]>;
  stat(path: string): Promise<{ isDirectory(): boolean; isFile(): boolean }>;
  realpath(path: string): Promise<string>;
}

/** The files of a folder whose names end in one of `endings`, whatever their case. */
export async function listFiles(folder: FolderLike, endings: readonly string[], followLinks = false): Promise<Listing> {
  const all = typeof folder === "string" ? await walk(folder, followLinks) : given(folder);
  const files = all.files.filter(({ path }) => endings.some((ending) => path.toLowerCase().endsWith(ending)));
  const folderOf = ({ path }: FolderFile): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
  files.sort((a, b) => compare(folderOf(a), folderOf(b)) || compare(a.path, b.path));
  return { files, folders: all.folders.filter((name) => !name.startsWith(".")).sort(compare) };
}

/** The order of Python: by code points. */
export function compare(a: string, b: string): number {
  const [left, right] = [Array.from(a, codePoint), Array.from(b, codePoint)];
  for (let at = 0; at < Math.min(left.length, right.length); at++)
    if (left[at] !== right[at]) return left[at]! - right[at]!;
  return left.length - right.length;
}
const codePoint = (letter: string): number => letter.codePointAt(0)!; // a letter has one

async function walk(root: string, followLinks: boolean): Promise<{ folders: string[]; files: FolderFile[] }> {
  const fs = builtin<FileSystem>("node:fs/promises");
  if (fs === undefined) {
    throw new ArgumentError({
      what: "there is no file system here",
      hint: 'in a page, give the files: those of <input type="file" webkitdirectory>, or a list of URL',
    });
  }
  const top = root.replace(/[/\\]+$/, "") || "/";
  const folders: string[] = [];
  const files: FolderFile[] = [];
  // Links can lead back up: no folder is entered twice on the way down.
  const visit = async (inside: string, above: readonly string[]): Promise<void> => {
    const path = inside === "" ? top : `${top}/${inside}`;
    const real = followLinks ? await fs.realpath(path) : path;
    if (above.includes(real)) return;
    const entries = await fs.readdir(path, { withFileTypes: true }).catch((error: { readonly code?: string }) => {
      throw new DataError({
        what: `cannot list the folder ${path}: ${error.code === "ENOENT" ? "there is no such folder" : error.code === "ENOTDIR" ? "it is a file" : String(error)}`,
        hint: `the path is seen from ${(globalThis as { process?: { cwd?(): string } }).process?.cwd?.() ?? "here"}`,
      });
    });
    for (const entry of entries) {
      const name = inside === "" ? entry.name : `${inside}/${entry.name}`;
      // A link that leads nowhere is nothing.
      const what = entry.isSymbolicLink() ? await fs.stat(`${top}/${name}`).catch(() => undefined) : entry;
      if (what?.isFile()) files.push({ path: name, from: `${top}/${name}` });
      if (!what?.isDirectory()) continue;
      // A class may be a link; below, links are followed when that is asked for.
      if (inside === "") folders.push(entry.name);
      if (inside === "" || followLinks || !entry.isSymbolicLink()) await visit(name, [...above, real]);
    }
  };
  await visit("", []);
  return { folders, files };
}

/** The paths of files that were given: without the name of the folder that they all lie in. */
function given(list: readonly (FileLike | URL)[]): { folders: string[]; files: FolderFile[] } {
  const parts = list.map((from) => {
    const path = from instanceof URL ? decodeURIComponent(from.pathname) : from.webkitRelativePath || from.name;
    return path.split("/").filter((part) => part !== "");
  });
  // An address says what a class is by the folder next to the file; a chosen folder has its own name in front.
  const files = list.map((from, index) => {
    const names = parts[index]!;
    const depth = from instanceof URL ? Math.max(0, names.length - 2) : from.webkitRelativePath ? 1 : 0;
    return { path: names.slice(depth).join("/"), from };
  });
  const folders = new Set(
    files
      .map(({ path }) => path.split("/"))
      .filter((names) => names.length > 1)
      .map(([name]) => name!),
  );
  return { folders: [...folders], files };
}
