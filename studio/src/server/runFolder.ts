import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runIdPattern, sha256Pattern } from "chainrule/record";

/** The files of a run. Their names are made here and nowhere else: no path of a log or a request is ever opened. */
export class RunFolder {
  readonly id: string;
  readonly path: string;

  /** Undefined where the name is none that a run can have. */
  static of(runs: string, id: string): RunFolder | undefined {
    return runIdPattern.test(id) ? new RunFolder(runs, id) : undefined;
  }
  private constructor(runs: string, id: string) {
    this.id = id;
    this.path = join(runs, id);
  }

  get log(): string {
    return join(this.path, "log");
  }
  get description(): string {
    return join(this.path, "run.json");
  }
  /** Says which process trains, while it does. */
  get alive(): string {
    return join(this.path, "alive.json");
  }
  /** Letters for a training in another process, a line each. */
  get letters(): string {
    return join(this.path, "control.jsonl");
  }
  reply(id: string): string {
    if (!/^[A-Za-z0-9-]{1,64}$/.test(id)) throw new Error(`bad reply id: ${id}`);
    return join(this.path, `reply-${id}`);
  }
  blob(sha256: string): string | undefined {
    return sha256Pattern.test(sha256) ? join(this.path, "blobs", sha256) : undefined;
  }

  exists(): boolean {
    return existsSync(this.log);
  }
  make(): void {
    mkdirSync(join(this.path, "blobs"), { recursive: true });
  }
  bytes(): { readonly bytes: number; readonly modified: number } {
    try {
      const { size, mtimeMs } = statSync(this.log);
      return { bytes: size, modified: mtimeMs };
    } catch {
      return { bytes: 0, modified: 0 };
    }
  }

  /** The process that writes this run; undefined when none does. */
  get #writer(): number | undefined {
    try {
      const { pid } = JSON.parse(readFileSync(this.alive, "utf8")) as { readonly pid?: unknown };
      return typeof pid === "number" && Number.isInteger(pid) && pid > 0 ? pid : undefined;
    } catch {
      return undefined;
    }
  }
  /** Whether the process that writes this run lives. */
  isAlive(): boolean {
    const pid = this.#writer;
    try {
      return pid !== undefined && process.kill(pid, 0);
    } catch (error) {
      return (error as { readonly code?: string }).code === "EPERM"; // it lives, and belongs to somebody else
    }
  }
  /** Whether it is written by this process. */
  isOwn(): boolean {
    return this.#writer === process.pid;
  }
  setAlive(alive: boolean): void {
    if (alive) writeFileSync(this.alive, JSON.stringify({ pid: process.pid }));
    else rmSync(this.alive, { force: true });
  }

  writeBlob(sha256: string, bytes: Uint8Array): void {
    const path = this.blob(sha256);
    if (path === undefined || existsSync(path)) return;
    writeFileSync(`${path}.draft`, bytes);
    renameSync(`${path}.draft`, path);
  }
  /** A blob, if it is there and is what its name says. */
  readBlob(sha256: string): Uint8Array | undefined {
    const path = this.blob(sha256);
    if (path === undefined || !existsSync(path)) return undefined;
    const bytes = readFileSync(path);
    return createHash("sha256").update(bytes).digest("hex") === sha256 ? bytes : undefined;
  }
}

/** The runs of a folder. */
export function runsIn(runs: string): RunFolder[] {
  if (!existsSync(runs)) return [];
  return readdirSync(runs, { withFileTypes: true }).flatMap((entry) => {
    const folder = entry.isDirectory() ? RunFolder.of(runs, entry.name) : undefined;
    return folder?.exists() ? [folder] : [];
  });
}

/** A name that no run of the folder has: "digits-7". */
export function freeId(runs: string, name: string): string {
  const base =
    name
      .replace(/[^A-Za-z0-9._-]+/g, "-")
      .replace(/^\.+/, "")
      .slice(0, 48) || "run";
  const taken = new Set(existsSync(runs) ? readdirSync(runs) : []);
  for (let number = 1; ; number++) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
}
