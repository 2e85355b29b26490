import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { ChainruleError } from "./base/errors.ts";
import { readers } from "./damagedReaders.test.body.ts";
import { setDevice } from "./device/index.ts";
import { damaged, oneOf, randomFrom } from "./formats/mutated.test.body.ts";

// A process that reads damaged files and nothing else, so that its memory is that of a reader: `NAME COUNT SEED FOLDER`. It may
// read and write only where Node's permissions let it.

/** Files between two looks at the memory. Their rubbish is part of what is measured, so few. */
const together = 250;
const spareBytes = 64 * 2 ** 20;
const limitMs = 2000;

const [name = "", countText = "", seedText = "", folder = ""] = process.argv.slice(2);
const { files, deeper, read } = readers[name]!; // the parent knows the names
const collect = (globalThis as unknown as { gc(): void }).gc; // --expose-gc

/** The largest memory that the process has had since `forget`, in bytes; Linux alone can forget. */
const peak = (): number => {
  const status = readFileSync("/proc/self/status", "latin1");
  return 1024 * Number(/VmHWM:\s*(\d+)/.exec(status)![1]);
};
const forget = (): void => writeFileSync("/proc/self/clear_refs", "5");
const measures = process.platform === "linux";

await setDevice("wasm");
const whole = await files();
const random = randomFrom(Number(seedText));
const count = Number(countText);
const found = { read: 0, refused: 0, slowestMs: 0, mostBytes: 0 };

/** One file: read, or refused in words; the time is the processor's, for the machine may have more to do. */
async function tryOne(file: Uint8Array): Promise<void> {
  const before = process.cpuUsage();
  const started = performance.now();
  try {
    await read(file, folder);
    found.read++;
  } catch (error) {
    if (!(error instanceof ChainruleError)) throw error;
    assert.doesNotMatch(error.message, /Access to this API has been restricted|ERR_ACCESS_DENIED/);
    found.refused++;
    assert.ok(error.parts.hint !== undefined, `it does not say what to do: ${error.parts.what}`);
  }
  const { user, system } = process.cpuUsage(before);
  found.slowestMs = Math.max(found.slowestMs, Math.min((user + system) / 1000, performance.now() - started));
}

/** Reads files, and demands that their memory is in proportion. */
async function tryAll(batch: readonly Uint8Array[], from: number): Promise<void> {
  const largest = Math.max(...batch.map(({ length }) => length));
  collect();
  if (measures) forget();
  const before = measures ? peak() : 0;
  for (const [index, file] of batch.entries()) {
    try {
      await tryOne(file);
      assert.ok(found.slowestMs <= limitMs, `a file takes ${found.slowestMs} ms`);
    } catch (error) {
      writeFileSync(`${folder}/failed.bin`, file);
      throw new Error(`file ${from + index}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  const used = (measures ? peak() : 0) - before;
  assert.ok(
    used <= 2 * largest + spareBytes,
    `files ${from} to ${from + batch.length}, of at most ${largest} bytes, took ${used}`,
  );
  found.mostBytes = Math.max(found.mostBytes, used);
}

// What is loaded at first use is no file's fault; then files that are whole, one by one.
for (const file of whole) await tryOne(file);
for (const file of whole) await tryAll([file], -1);
found.read = 0;
found.refused = 0;

for (let made = 0; made < count; ) {
  const from = made;
  const batch: Uint8Array[] = [];
  for (; batch.length < together && made < count; made++) {
    const file = oneOf(random, whole);
    batch.push(deeper !== undefined && random() < 0.5 ? await deeper(file, random) : damaged(file, random));
  }
  await tryAll(batch, from);
}
process.stdout.write(JSON.stringify(found));
