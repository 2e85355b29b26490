import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Cache } from "./cache.ts";
import { compileLibrary } from "./compile.ts";
import { nativeTest, testFolder } from "./testing.ts";
import { findToolchain } from "./toolchain.ts";

const write = (text: string) => (path: string) => writeFile(path, text);

test("a folder that is missing is made, private", async () => {
  const folder = join(testFolder(), "deep", "cache");
  const cache = await Cache.open(folder);
  assert.equal(cache.folder, folder);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
});

test("what was stored is found, and nothing else", async () => {
  const cache = await Cache.open(testFolder());
  const path = await cache.store("key", write("content"));
  assert.equal(await cache.find("key"), path);
  assert.equal(await readFile(path, "utf8"), "content");
  assert.equal(await cache.find("other"), undefined);
  assert.deepEqual(await readdir(cache.folder), [path.split("/").at(-1)]);
});

test("a file whose bytes changed is not given out, but removed", async () => {
  const cache = await Cache.open(testFolder());
  const path = await cache.store("key", write("content"));
  await writeFile(path, "contenT");
  assert.equal(await cache.find("key"), undefined);
  assert.deepEqual(await readdir(cache.folder), []);
});

test("a failed store leaves nothing", async () => {
  const cache = await Cache.open(testFolder());
  await assert.rejects(
    cache.store("key", async (path) => {
      await writeFile(path, "half");
      throw new Error("stopped");
    }),
    /stopped/,
  );
  assert.deepEqual(await readdir(cache.folder), []);
});

test("folders that others may enter, links and files are refused", async () => {
  const parent = testFolder();
  const open = join(parent, "open");
  await mkdir(open);
  await chmod(open, 0o755);
  const link = join(parent, "link");
  await mkdir(join(parent, "real"), { mode: 0o700 });
  await symlink(join(parent, "real"), link);
  const file = join(parent, "file");
  await writeFile(file, "");
  for (const [folder, reason] of [
    [open, /mode 755/],
    [link, /no folder/],
    [file, /EEXIST|no folder/],
  ] as const) {
    const cache = await Cache.open(folder);
    assert.notEqual(cache.folder, folder);
    assert.match(cache.note, reason);
    assert.equal((await stat(cache.folder)).mode & 0o777, 0o700);
    assert.ok(cache.folder.startsWith(tmpdir()));
  }
});

test("a folder of another user is refused", {
  skip: process.getuid?.() === 0 ? false : "needs root to make one",
}, async () => {
  const folder = testFolder();
  const { chown } = await import("node:fs/promises");
  await chown(folder, 12345, 12345);
  const cache = await Cache.open(folder);
  assert.notEqual(cache.folder, folder);
  assert.match(cache.note, /another user/);
});

test("the files not used for longest leave when the cache is full", async () => {
  const cache = await Cache.open(testFolder(), 250);
  const hundred = "x".repeat(100);
  const [first, second] = [
    await cache.store("first", write(`${hundred}1`)),
    await cache.store("second", write(`${hundred}2`)),
  ];
  await utimes(first, new Date(1000), new Date(1000));
  await utimes(second, new Date(2000), new Date(2000));
  await cache.find("first"); // used now
  await cache.store("third", write(`${hundred}3`));
  assert.notEqual(await cache.find("first"), undefined);
  assert.equal(await cache.find("second"), undefined);
  assert.notEqual(await cache.find("third"), undefined);
});

const source = "int answer(void) { return 42; }";

nativeTest("a library is compiled once, and again when its file was tampered with", async () => {
  const cache = await Cache.open(testFolder());
  const toolchain = await findToolchain();
  const first = await compileLibrary([source], toolchain, cache);
  assert.equal(first.cached, false);
  assert.deepEqual(await compileLibrary([source], toolchain, cache), { path: first.path, cached: true });
  const bytes = await readFile(first.path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(first.path, bytes);
  const again = await compileLibrary([source], toolchain, cache);
  assert.equal(again.cached, false);
  assert.equal((await compileLibrary([source], toolchain, cache)).cached, true);
});

nativeTest("equal sources are compiled once at a time", async () => {
  const cache = await Cache.open(testFolder());
  const toolchain = await findToolchain();
  const made = await Promise.all([1, 2, 3].map(() => compileLibrary([source], toolchain, cache)));
  assert.equal(new Set(made).size, 1);
});

nativeTest("two processes at once share a folder", async () => {
  const folder = testFolder();
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const url = (name: string): string => JSON.stringify(new URL(`./${name}.${extension}`, import.meta.url).href);
  const program = `
    const { Cache } = await import(${url("cache")});
    const { compileLibrary } = await import(${url("compile")});
    const { findToolchain } = await import(${url("toolchain")});
    const cache = await Cache.open(${JSON.stringify(folder)});
    const { path } = await compileLibrary([${JSON.stringify(source)}], await findToolchain(), cache);
    console.log(path);
  `;
  const run = promisify(execFile);
  const outputs = await Promise.all(
    [1, 2].map(() => run(process.execPath, [...process.execArgv, "--input-type=module", "--eval", program])),
  );
  const paths = outputs.map(({ stdout }) => stdout.trim());
  for (const path of paths) assert.ok(path.startsWith(folder));
  assert.ok((await readdir(folder)).every((name) => name.endsWith(".so")));
  const cache = await Cache.open(folder);
  assert.equal((await compileLibrary([source], await findToolchain(), cache)).cached, true);
  await rm(folder, { recursive: true });
});
