import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile as read, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DataError } from "../base/errors.ts";
import { readFile, writeFileAtomically } from "./file.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "chainrule-file-"));
});
after(() => rm(folder, { recursive: true, force: true }));

test("a file is written whole, and replaces an older one", async () => {
  const path = join(folder, "a");
  await writeFileAtomically(path, "one");
  await writeFileAtomically(path, Uint8Array.of(116, 119, 111));
  assert.equal(await read(path, "utf8"), "two");
  assert.deepEqual(await readdir(folder), ["a"]);
});

test("a failure leaves the old file, and no other", async () => {
  const path = join(folder, "taken");
  await mkdir(path);
  await writeFile(join(path, "kept"), "old");
  await assert.rejects(
    writeFileAtomically(path, "new"),
    (error) => error instanceof DataError && /cannot write .*taken/.test(error.message),
  );
  assert.equal(await read(join(path, "kept"), "utf8"), "old");
  assert.deepEqual((await readdir(folder)).sort(), ["a", "taken"]);
});

test("many writers at once: one of them wins, whole", async () => {
  const path = join(folder, "raced");
  const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(10_000));
  await Promise.all(texts.map((text) => writeFileAtomically(path, text)));
  assert.ok(texts.includes(await read(path, "utf8")));
  assert.deepEqual((await readdir(folder)).sort(), ["a", "raced", "taken"]);
});

test("paths that cannot be read or written are named, with the reason", async () => {
  await assert.rejects(readFile(join(folder, "none")), /cannot read .*none: no such file or folder/);
  await assert.rejects(readFile(folder), /cannot read .*: it is a folder/);
  await assert.rejects(
    writeFileAtomically(join(folder, "no", "file"), ""),
    /cannot write .*file: no such file or folder/,
  );
  await assert.rejects(writeFileAtomically(join(folder, "a", "file"), ""), /a part of the path is no folder/);
});
