import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type Loaded, loadedBy } from "./browser/loaded.ts";

// What a small page loads (browser/smallApp.ts: dense, dropout and batch normalization, trained on wasm), split and minified
// by esbuild, which loads with the page also what only parts that come later need of modules that the page knows. Whoever adds to it says so by the number here.

const kilobyte = 1024;
/** Before the device is chosen, and with the wasm device and its compiler. */
const most = { first: 123 * kilobyte, all: 205 * kilobyte };

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
