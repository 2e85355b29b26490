import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { bytesSlice, type SliceRole } from "../record/index.ts";
import { imageOf } from "./images.ts";

/** Rows of shades of a picture that has one channel. */
function rowsOf(role: SliceRole, shape: readonly number[], values: readonly number[]): readonly (readonly number[])[] {
  const image = imageOf(bytesSlice({ key: "k", role, shape }, values))!;
  const file = Buffer.from(image.file);
  const at = file.indexOf("IDAT");
  const bytes = inflateSync(file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4)));
  const stride = image.width * image.channels + 1;
  return Array.from({ length: image.height }, (_, row) => [...bytes.subarray(row * stride + 1, (row + 1) * stride)]);
}

test("an example is its own picture, in colours where it has three", () => {
  assert.deepEqual(rowsOf("example", [2, 2, 1], [0, 1, 0.6, 0]), [
    [0, 255],
    [153, 0],
  ]);
  assert.deepEqual(rowsOf("example", [1, 2, 3], [0, 0.2, 1, 1, 0.2, 0]), [[0, 51, 255, 255, 51, 0]]);
});

test("planes of a feature map and heads of attention lie side by side", () => {
  // Three planes of 1×2: [0, 15], [30, 45], [60, 75] of 75.
  const dark = [0, 0, 0, 0, 0];
  const tiles = [[0, 51, 0, 102, 153], dark, [204, 255, 0, 0, 0]];
  assert.deepEqual(rowsOf("featureMap", [1, 2, 3], [0, 30, 60, 15, 45, 75]), tiles);
  assert.deepEqual(rowsOf("attention", [3, 1, 2], [0, 15, 30, 45, 60, 75]), tiles);
});

test("what is no plane is no picture", () => {
  for (const [role, shape] of [
    ["example", [4]],
    ["prediction", [2, 2]],
    ["featureMap", [4]],
  ] as const)
    assert.equal(imageOf(bytesSlice({ key: "k", role, shape }, [1, 2, 3, 4])), undefined);
});
