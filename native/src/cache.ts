import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

const privateMode = 0o700;
const othersMayEnter = 0o077;

/** Where compiled programs are kept, unless said otherwise: CHAINRULE_CACHE, or in the user's cache folder. */
const usualFolder = (): string =>
  process.env.CHAINRULE_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "chainrule");

/**
 * Compiled libraries by content, in a folder that only this user can enter. A file is called
 * `<key>.<hash of its bytes>.so`: it is written elsewhere and renamed, so that other processes see all of it or nothing,
 * and its bytes are checked against its name before it is loaded.
 */
export class Cache {
  readonly folder: string;
  /** Why this is not the folder that was asked for; empty when it is. */
  readonly note: string;
  readonly #largestBytes: number;

  private constructor(folder: string, note: string, largestBytes: number) {
    this.folder = folder;
    this.note = note;
    this.#largestBytes = largestBytes;
  }

  /** Opens the folder and checks that it is private; otherwise takes a fresh one that is. */
  static open(folder = usualFolder(), largestBytes = 256 * 1024 * 1024): Cache {
    const problem = problemOf(folder);
    if (problem === "") return new Cache(folder, "", largestBytes);
    const fresh = mkdtempSync(join(tmpdir(), "chainrule-"));
    // Nobody will find this folder again.
    process.once("exit", () => rmSync(fresh, { recursive: true, force: true }));
    return new Cache(fresh, `${folder} is not used: ${problem}`, largestBytes);
  }

  /** The file kept for `key`, verified, or undefined. A file that is not what it was is removed. */
  find(key: string): string | undefined {
    for (const name of this.#files()) {
      if (!name.startsWith(`${key}.`)) continue;
      const path = join(this.folder, name);
      try {
        if (sha256(readFileSync(path)) === name.slice(key.length + 1, -suffix.length)) {
          touch(path);
          return path;
        }
        rmSync(path, { force: true });
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
    return undefined;
  }

  /** A path at which a file may be written that is to be kept. */
  draft(): string {
    return join(this.folder, `draft-${process.pid}-${randomBytes(8).toString("hex")}`);
  }

  /** Keeps what was written at `draft` under `key`. */
  keep(key: string, draft: string): string {
    chmodSync(draft, privateMode);
    const path = join(this.folder, `${key}.${sha256(readFileSync(draft))}${suffix}`);
    renameSync(draft, path);
    this.#evict(path);
    return path;
  }

  /** Lets `make` write a file, and keeps it under `key`. */
  async store(key: string, make: (path: string) => Promise<void>): Promise<string> {
    const draft = this.draft();
    try {
      await make(draft);
      return this.keep(key, draft);
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** The same while the calling thread waits. */
  storeSync(key: string, make: (path: string) => void): string {
    const draft = this.draft();
    try {
      make(draft);
      return this.keep(key, draft);
    } finally {
      rmSync(draft, { force: true });
    }
  }

  #files(): string[] {
    return readdirSync(this.folder).filter((name) => name.endsWith(suffix));
  }

  /** Removes the files that were not used for longest until the rest is small enough, and drafts of dead processes. */
  #evict(kept: string): void {
    const known = readdirSync(this.folder)
      .map((name) => describe(join(this.folder, name)))
      .filter((file) => file !== undefined);
    let total = known.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes, used } of known.sort((a, b) => a.used - b.used)) {
      const abandoned = path.includes("draft-") && Date.now() - used > draftLifeMs;
      if (path === kept || (total <= this.#largestBytes && !abandoned)) continue;
      if (path.includes("draft-") && !abandoned) continue;
      rmSync(path, { force: true });
      total -= bytes;
    }
  }
}

/** Makes a file the one that was used last; where that is not allowed it is merely forgotten sooner. */
function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {}
}

const suffix = ".so";
const draftLifeMs = 60 * 60 * 1000;

// The codes of Node's file system errors.
const isMissing = (error: unknown): boolean => (error as { readonly code?: string }).code === "ENOENT";

function describe(path: string): { path: string; bytes: number; used: number } | undefined {
  try {
    const { size, mtimeMs } = statSync(path);
    return { path, bytes: size, used: mtimeMs };
  } catch {
    return undefined; // another process removed it
  }
}

/** Why `folder` must not be used, or nothing. It is made if it is missing. */
function problemOf(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true, mode: privateMode });
    const entry = lstatSync(folder);
    if (!entry.isDirectory()) return "it is no folder";
    if (entry.uid !== process.getuid?.()) return "it belongs to another user";
    if ((entry.mode & othersMayEnter) !== 0)
      return `other users may enter it (mode ${(entry.mode & 0o777).toString(8)}; 700 is needed)`;
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
