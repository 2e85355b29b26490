import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { type FSWatcher, watch } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

/** What is trained on. */
const kinds = ["arrays", "dataset"] as const;
/** Lives, each of which is killed once at an instant of its own and then finishes. */
const lives = 20;
/** Children at the same time; they mostly wait. */
const abreast = 4;

const child = join(dirname(fileURLToPath(import.meta.url)), "killed.test.child.js");
let root = "";
before(async () => {
  root = await mkdtemp(join(tmpdir(), "chainrule-killed-"));
});
after(() => rm(root, { recursive: true, force: true }));

interface End {
  readonly digest: string | undefined;
  readonly killed: boolean;
  /** From the first step to the end. */
  readonly ms: number;
}

/** When to kill: so long after the first step, or while so many drafts of checkpoints have begun to be written. */
type Instant = { readonly ms: number } | { readonly drafts: number };

/** Runs the program; kills it at that instant, with the signal that no program can catch. */
function run(folder: string, kind: string, instant?: Instant): Promise<End> {
  return new Promise((resolve, reject) => {
    const process = spawn(globalThis.process.execPath, [child, folder, kind], { stdio: ["ignore", "pipe", "pipe"] });
    let [out, errors, began] = ["", "", 0];
    let timer: NodeJS.Timeout | undefined;
    let watcher: FSWatcher | undefined;
    const kill = (): boolean => process.kill("SIGKILL");
    const drafts = new Set<string>();
    process.stdout.on("data", (data: Buffer) => {
      out += data;
      if (began > 0 || !out.includes("begun")) return;
      began = performance.now();
      if (instant === undefined) return;
      if ("ms" in instant) timer = setTimeout(kill, instant.ms);
      else {
        watcher = watch(folder, (_, name) => {
          if (name?.endsWith(".tmp")) drafts.add(name);
          if (drafts.size >= instant.drafts) kill();
        });
      }
    });
    process.stderr.on("data", (data: Buffer) => {
      errors += data;
    });
    process.on("close", (code, signal) => {
      clearTimeout(timer);
      watcher?.close();
      if (signal === null && code !== 0) return reject(new Error(errors));
      const digest = /digest ([0-9a-f]{64})/.exec(out)?.[1];
      resolve({ digest, killed: signal === "SIGKILL", ms: performance.now() - began });
    });
  });
}

test(`${lives} trainings killed at random instants go on to the same bits as one that was never stopped`, async () => {
  const wholes = await Promise.all(
    kinds.map(async (kind) => {
      const whole = await run(join(root, kind), kind);
      assert.ok(whole.digest !== undefined);
      assert.deepEqual(await readdir(join(root, kind)), [], "a finished training leaves no checkpoints");
      return { ...whole, kind };
    }),
  );

  const found = { killed: 0, resumed: 0, halfWritten: 0 };
  const live = async (index: number): Promise<void> => {
    const folder = join(root, String(index));
    const whole = wholes[index % kinds.length]!;
    // One in four is killed as soon as it writes a checkpoint, the others at any time.
    const aimed = index % 8 < 2;
    const instant = aimed ? { drafts: Math.ceil(Math.random() * 40) } : { ms: whole.ms * 0.9 * Math.random() };
    const first = await run(folder, whole.kind, instant);
    if (first.killed) found.killed++;
    else assert.equal(first.digest, whole.digest, `life ${index} (${whole.kind}), which came to its end`);
    if (!first.killed) return;
    const left = await readdir(folder).catch(() => []);
    if (left.some((name) => name.endsWith(".safetensors"))) found.resumed++;
    if (left.some((name) => name.endsWith(".tmp"))) found.halfWritten++;
    const second = await run(folder, whole.kind);
    assert.equal(
      second.digest,
      whole.digest,
      `life ${index} (${whole.kind}), killed with ${left.join(", ") || "nothing written"}`,
    );
    assert.deepEqual(await readdir(folder), []);
  };
  const queue = Array.from({ length: lives }, (_, index) => index);
  const worker = async (): Promise<void> => {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) await live(index);
  };
  await Promise.all(Array.from({ length: abreast }, worker));
  const halves = `${found.halfWritten} while one was being written`;
  console.log(`${found.killed} of ${lives} were killed, ${found.resumed} of them with a checkpoint, ${halves}`);
  assert.ok(found.killed >= lives / 2, `${found.killed} were killed before their end`);
  assert.ok(found.resumed >= lives / 4, `${found.resumed} had a checkpoint to go on from`);
});
