import { builtin } from "../base/host.ts";
import { fileSystem } from "./folder.ts";

/** Who holds a lock says so this often; whoever was silent for much longer is gone. */
const beatMs = 2_000;
const goneMs = 15_000;
const pollMs = 100;

interface Holder {
  readonly pid: number;
  readonly host: string;
}

const self = (): Holder => ({
  pid: (globalThis as { process?: { pid?: number } }).process?.pid ?? 0,
  host: builtin<{ hostname(): string }>("node:os")?.hostname() ?? "",
});

/** Does `work` while no other process does work under the same lock file. A process that died holds nothing. */
export async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const fs = fileSystem();
  while (!(await tryLock(path))) {
    if (await isAbandoned(path)) await fs.rm(path, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const beat = setInterval(() => {
    const now = new Date();
    fs.utimes(path, now, now).catch(() => {});
  }, beatMs);
  (beat as { unref?(): void }).unref?.();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await fs.rm(path, { force: true });
  }
}

const tryLock = (path: string): Promise<boolean> =>
  fileSystem()
    .writeFile(path, JSON.stringify(self()), { flag: "wx" })
    .then(
      () => true,
      (error: { readonly code?: string }) => {
        if (error.code === "EEXIST") return false;
        throw error;
      },
    );

/** Whether the holder is a process of this machine that has ended, or one that has been silent for long. */
async function isAbandoned(path: string): Promise<boolean> {
  const fs = fileSystem();
  try {
    const { mtimeMs } = await fs.stat(path);
    if (Date.now() - mtimeMs > goneMs) return true;
    const { pid, host } = JSON.parse(await fs.readFile(path, "utf8")) as Partial<Holder>; // checked below
    return host === self().host && typeof pid === "number" && !isAlive(pid);
  } catch {
    // It has gone meanwhile, or is just being written.
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    (globalThis as { process?: { kill(pid: number, signal: number): void } }).process?.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is alive, too.
    return (error as { readonly code?: string }).code === "EPERM";
  }
}
