import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { type Loaded, loadedBy, oneFile } from "./browser/loaded.ts";

// What a small page loads (browser/smallApp.ts: dense, dropout and batch normalization, trained on wasm), split and minified
// by esbuild, which loads with the page also what only parts that come later need of modules that the page knows. Whoever adds to it says so by the number here.

const kilobyte = 1024;
/** Before the device is chosen, and with the wasm device and its compiler. */
const most = { first: 100 * kilobyte, all: 190 * kilobyte };
/** A training script as one file (browser/oneFile.ts), all devices of pages included. */
const mostOfOneFile = 191 * kilobyte;

let loaded: { readonly first: Loaded; readonly all: Loaded };
before(async () => {
  loaded = await loadedBy("smallApp", "device/wasm/index.js");
});

test("a small page stays within the budget of what it loads", () => {
  for (const part of ["first", "all"] as const) {
    const { gzipBytes, bytes } = loaded[part];
    const said = `${(gzipBytes / kilobyte).toFixed(1)} KB with gzip (${(bytes / kilobyte).toFixed(0)} KB)`;
    console.log(
      `a page with three kinds of layers, ${part === "first" ? "at first" : "with the wasm device"}: ${said}`,
    );
    assert.ok(gzipBytes <= most[part], `${said}, more than ${most[part] / kilobyte} KB`);
  }
});

test("layers that a page does not name, and what only loading from files needs, stay away", () => {
  const { modules } = loaded.all;
  for (const used of ["nn/dense.js", "nn/dropout.js", "nn/batchNormalization.js", "nn/layer.js"])
    assert.ok(modules.has(used), `${used} is missing: the modules have moved`);
  const unused = [
    "nn/conv.js",
    "nn/merging.js",
    "nn/reshaping.js",
    "nn/pooling.js",
    "nn/classes.js",
    "nn/makeLayer.js",
  ];
  const folders = ["nn/attention/", "nn/recurrent/", "model/keras/", "formats/hdf5/", "formats/archive/"];
  const found = [...modules].filter(
    (path) => unused.includes(path) || folders.some((folder) => path.startsWith(folder)),
  );
  assert.deepEqual(found, []);
});

test("a training script as one file stays within its budget", async () => {
  const bytes = gzipSync(await oneFile("oneFile"), { level: 9 }).length;
  console.log(`a training script as one file: ${(bytes / kilobyte).toFixed(1)} KB with gzip`);
  assert.ok(bytes <= mostOfOneFile, `${(bytes / kilobyte).toFixed(1)} KB, more than ${mostOfOneFile / kilobyte} KB`);
});

test("pages read and write files of Keras when they pass chainrule/keras, and are told so when they do not", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "chainrule-page-"));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "page.mjs");
  await writeFile(file, await oneFile("kerasPage"));
  const { refusals, results } = (await import(pathToFileURL(file).href)) as typeof import("./browser/kerasPage.ts");
  assert.equal(refusals.length, 3);
  for (const refusal of refusals) assert.match(refusal, /the module "chainrule\/keras"/);
  assert.ok(Number.isFinite(results[0]));
  assert.equal(results[1], results[0]);
});
