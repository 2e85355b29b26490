import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readers } from "./damagedReaders.test.body.ts";

// A file of a stranger may be anything. 10,000 damaged ones a reader: each is read, or refused by an error of ours that says what to
// do; none takes 2 s, nor more memory than twice itself and 64 MB; and nothing outside of the folder given is read or written.
// Longer runs: CHAINRULE_DAMAGED=100000 and another seed, CHAINRULE_SEED=2.

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, "..", "..");
const root = mkdtempSync(join(tmpdir(), "chainrule-damaged-"));
after(() => rmSync(root, { recursive: true, force: true }));

const count = Number(process.env["CHAINRULE_DAMAGED"] ?? 10_000);
const seed = Number(process.env["CHAINRULE_SEED"] ?? 1);

/** Node refuses everything else; what lies beside the folder cannot be touched. */
const permissions = (folder: string): readonly string[] => [
  process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission",
  ...[repository, folder, "/proc/self/status"].map(
    (path) => `--allow-fs-read=${path}${path.startsWith("/proc") ? "" : "/*"}`,
  ),
  ...[`${folder}/*`, "/proc/self/clear_refs"].map((path) => `--allow-fs-write=${path}`),
  "--allow-worker",
  "--allow-addons",
];

interface Found {
  readonly read: number;
  readonly refused: number;
  readonly slowestMs: number;
  readonly mostBytes: number;
}

/** A test a reader. */
export function testReaders(names: readonly string[]): void {
  for (const [number, name] of names.entries()) {
    // Bombs are whole files.
    const tries = name === "bombs" ? 0 : count;
    test(`${tries} damaged files: ${name}`, async () => {
      const folder = join(root, String(number), "inside");
      mkdirSync(folder, { recursive: true });
      const flags = ["--expose-gc", "--max-semi-space-size=2", "--no-warnings", ...permissions(folder)];
      const child = join(here, "damagedChild.test.body.js");
      const { stdout } = await run(process.execPath, [...flags, child, name, String(tries), String(seed), folder]);
      const { read, refused } = JSON.parse(stdout) as Found; // our own program
      assert.equal(read + refused, tries);
      assert.ok(tries === 0 || (read > 0 && refused > tries / 5), `${read} were read, ${refused} refused`);
    });
  }
}

/** What makes models takes longest. */
export const ofModels: readonly string[] = Object.keys(readers).filter((name) => /model|keras|h5/.test(name));
