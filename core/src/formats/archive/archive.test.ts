import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { DataError } from "../../base/errors.ts";
import { blobSource } from "../byteSource.ts";
import { archiveEntries, entryBytes, gunzip, unpackArchive } from "./index.ts";
import { bytesOf, type Sample, tarGzOf, tarOf, zipOf } from "./samples.test.body.ts";

const folder = mkdtempSync(join(tmpdir(), "chainrule-archive-"));
after(() => rmSync(folder, { recursive: true }));

const sourceOf = (bytes: Uint8Array) => blobSource(new Blob([bytes as Uint8Array<ArrayBuffer>]));

async function contents(bytes: Uint8Array, options = {}): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const entry of archiveEntries(sourceOf(bytes), "x", options)) {
    found[entry.kind === "folder" ? `${entry.name}/` : entry.name] = new TextDecoder().decode(await entryBytes(entry));
  }
  return found;
}

/** Every name below a folder, with the content of files. */
const treeOf = (root: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true, encoding: "utf8" })
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name))
      .map((path) => [path.slice(root.length + 1).replaceAll("\\", "/"), readFileSync(path, "utf8")]),
  );

const long = "a long line of words, again and again. ".repeat(5000);
const samples: readonly Sample[] = [
  { name: "readme.txt", content: "hello" },
  { name: "images/", type: "5" },
  { name: "images/ünï.txt", content: long },
  { name: "./deep/er/empty.txt", content: "" },
  { name: "stored.bin", content: "as it is", isStored: true },
];
const expected = {
  "readme.txt": "hello",
  "images/": "",
  "images/ünï.txt": long,
  "deep/er/empty.txt": "",
  "stored.bin": "as it is",
};
const makers = { zip: zipOf, tar: tarOf, "tar.gz": tarGzOf } as const;

for (const [kind, make] of Object.entries(makers)) {
  test(`${kind}: files and folders are read, in any case of reading them partly`, async () => {
    assert.deepEqual(await contents(make(samples)), expected);
    const names: string[] = [];
    for await (const { name, chunks } of archiveEntries(sourceOf(make(samples)))) {
      names.push(name);
      for await (const _ of chunks()) break;
    }
    assert.deepEqual(names, ["readme.txt", "images", "images/ünï.txt", "deep/er/empty.txt", "stored.bin"]);
  });

  test(`${kind}: unpacked into a new folder whole, and left alone the second time`, async () => {
    const path = join(folder, `good.${kind}`);
    writeFileSync(path, make(samples));
    const target = join(folder, `good-${kind}`);
    assert.equal(await unpackArchive(path, target), target);
    const { "images/": _, ...files } = expected;
    assert.deepEqual(treeOf(target), files);
    writeFileSync(join(target, "readme.txt"), "mine");
    await unpackArchive(path, target);
    assert.equal(treeOf(target)["readme.txt"], "mine");
    // Both at once: one of them moves its folder into place.
    const both = join(folder, `both-${kind}`);
    await Promise.all([unpackArchive(path, both), unpackArchive(path, both)]);
    assert.deepEqual(treeOf(both), files);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes(".part-")),
      [],
    );
  });

  const escapes: Readonly<Record<string, RegExp>> = {
    "../outside.txt": /leads out of its folder/,
    "a/../../outside.txt": /leads out of its folder/,
    "a\\..\\..\\outside.txt": /leads out of its folder/,
    "/etc/outside.txt": /is an absolute path/,
    "\\\\server\\share": /is an absolute path/,
    "C:\\outside.txt": /is an absolute path/,
    "c:outside.txt": /is an absolute path/,
    "a/b:stream": /has a colon/,
    "con.txt": /names a device/,
    "a/LPT1": /names a device/,
    "a/ok. ": /ends in a dot or a space/,
    "bell\x07.txt": /control characters/,
  };
  for (const [name, reason] of Object.entries(escapes)) {
    test(`${kind}: the name ${JSON.stringify(name)} is refused, and nothing is written`, async () => {
      const bytes = make([
        { name: "first.txt", content: "1" },
        { name, content: "2" },
      ]);
      await assert.rejects(contents(bytes), reason);
      const cage = join(folder, `cage-${kind}`, "inner");
      mkdirSync(cage, { recursive: true });
      const path = join(cage, "bad");
      writeFileSync(path, bytes);
      await assert.rejects(unpackArchive(path, join(cage, "out")), reason);
      assert.deepEqual(Object.keys(treeOf(join(folder, `cage-${kind}`))), ["inner/bad"]);
      rmSync(join(folder, `cage-${kind}`), { recursive: true });
    });
  }

  test(`${kind}: more bytes or files than allowed are refused; so is one name twice, and a file where a folder is`, async () => {
    await assert.rejects(contents(make(samples), { limitBytes: 100_000 }), /more than 100000 bytes[\s\S]*limitBytes/);
    await assert.rejects(contents(make(samples), { limitEntries: 4 }), /more than 4 files/);
    const pairs: readonly (readonly [string, string])[] = [
      ["a", "a"],
      ["a", "a/b"],
      ["a/b", "a"],
    ];
    for (const [first, second] of pairs) {
      const path = join(folder, "twice");
      writeFileSync(path, make([{ name: first }, { name: second }]));
      await assert.rejects(unpackArchive(path, join(folder, "twice-out")), DataError, `${first}, ${second}`);
    }
  });
}

for (const [type, reason] of Object.entries({
  "1": /hard link/,
  "2": /symbolic link/,
  "3": /device/,
  "6": /pipe/,
  Z: /unknown/,
})) {
  test(`tar: an entry of type ${type} is refused`, async () => {
    await assert.rejects(contents(tarOf([{ name: "link", type }])), reason);
  });
}

const zips: Readonly<Record<string, readonly [readonly Sample[], RegExp]>> = {
  "a symbolic link": [[{ name: "link", content: "/etc/passwd", mode: 0o120777 }], /a link or a device/],
  "an encrypted file": [[{ name: "a", flags: 1 }], /is encrypted/],
  "another method": [[{ name: "a", method: 14, content: "lzma" }], /packed by method 14/],
  "a wrong checksum": [[{ name: "a", content: "abc", claim: { sum: 1 } }], /its checksum is wrong/],
  "a size that is too small": [[{ name: "a", content: long, claim: { size: 1000 } }], /more than 1000 bytes/],
  "a size that is too large": [[{ name: "a", content: "abc", claim: { size: 7 } }], /3 bytes instead of 7/],
  "an impossible ratio": [
    [{ name: "a", content: "abc", claim: { size: 1_000_000 } }],
    /would unpack from 5 bytes to 1000000/,
  ],
  "a place outside": [[{ name: "a", content: "abc", claim: { start: 10_000 } }], /lies outside/],
  "files that overlap": [
    [
      { name: "a", content: long },
      { name: "b", content: long, claim: { start: 0 } },
    ],
    /overlap/,
  ],
  "one name twice": [[{ name: "a" }, { name: "./a" }], /"a" twice/],
};
for (const [name, [files, reason]] of Object.entries(zips)) {
  test(`zip: ${name} is refused`, async () => {
    await assert.rejects(contents(zipOf(files)), (error) => error instanceof DataError && reason.test(error.message));
  });
}

test("zip: a comment at the end, and the forms for large files that other software writes", async () => {
  assert.deepEqual(await contents(zipOf(samples, "a comment of PK\x05\x06 letters")), expected);
  // Made by Python's zipfile: `open("large.txt", "w", force_zip64=True)` of "large " × 100, then `writestr("plain.txt", "plain")`.
  const made =
    "UEsDBC0AAAAAAAAAIQCmJJh1//////////8JABQAbGFyZ2UudHh0AQAQAFgCAAAAAAAAWAIAAAAAAABsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBsYXJnZSBQSwMEFAAAAAAAAAAhAM9iIBkFAAAABQAAAAkAAABwbGFpbi50eHRwbGFpblBLAQItAy0AAAAAAAAAIQCmJJh1WAIAAFgCAAAJAAAAAAAAAAAAAACAAQAAAABsYXJnZS50eHRQSwECFAMUAAAAAAAAACEAz2IgGQUAAAAFAAAACQAAAAAAAAAAAAAAgAGTAgAAcGxhaW4udHh0UEsFBgAAAAACAAIAbgAAAL8CAAAAAA==";
  assert.deepEqual(await contents(new Uint8Array(Buffer.from(made, "base64"))), {
    "large.txt": "large ".repeat(100),
    "plain.txt": "plain",
  });
});

test("tar: the long names of GNU and of pax, as tar writes them", async () => {
  const name = `${"a-folder-with-a-long-name/".repeat(8)}${"n".repeat(120)}.txt`;
  const root = join(folder, "long");
  mkdirSync(join(root, name, ".."), { recursive: true });
  writeFileSync(join(root, name), "deep");
  for (const format of ["gnu", "pax", "posix"]) {
    const made = execFileSync("tar", ["-C", root, `--format=${format}`, "-cz", name]);
    assert.deepEqual(await contents(new Uint8Array(made)), { [name]: "deep" }, format);
  }
});

test("a bomb is refused while it unpacks, before it is in memory", async () => {
  const bomb = new Uint8Array(gzipSync(new Uint8Array(50_000_000)));
  await assert.rejects(gunzip(sourceOf(bomb), "bomb.gz", 1_000_000), /bomb\.gz: it unpacks to more than 1000000 bytes/);
  assert.deepEqual(await gunzip(sourceOf(new Uint8Array(gzipSync(bytesOf(long))))), bytesOf(long));
  await assert.rejects(contents(bytesOf("just text")), /no archive that is known/);
});
