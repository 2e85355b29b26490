import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, inflateSync } from "node:zlib";
import { encodePng } from "./png.ts";

for (const [height, width, channels] of [
  [3, 5, 1],
  [4, 2, 3],
  [300, 400, 1],
] as const)
  test(`a PNG of ${height}×${width} pixels of ${channels} channels holds them`, () => {
    const pixels = Uint8Array.from({ length: height * width * channels }, (_, at) => (at * 7) & 255);
    const file = Buffer.from(encodePng(pixels, height, width, channels));
    assert.equal(file.subarray(1, 4).toString(), "PNG");
    const chunks = new Map<string, Buffer>();
    for (let at = 8; at < file.length; ) {
      const length = file.readUInt32BE(at);
      const named = file.subarray(at + 4, at + 8 + length);
      assert.equal(file.readUInt32BE(at + 8 + length), crc32(named));
      chunks.set(named.toString("latin1", 0, 4), named.subarray(4));
      at += 12 + length;
    }
    assert.deepEqual([...chunks.keys()], ["IHDR", "IDAT", "IEND"]);
    const head = chunks.get("IHDR")!;
    assert.deepEqual([head.readUInt32BE(0), head.readUInt32BE(4), head[8], head[9]], [width, height, 8, channels - 1]);
    const rows = inflateSync(chunks.get("IDAT")!);
    const stride = width * channels + 1;
    assert.equal(rows.length, height * stride);
    for (let row = 0; row < height; row++) {
      assert.equal(rows[row * stride], 0);
      const own = pixels.subarray(row * (stride - 1), (row + 1) * (stride - 1));
      assert.deepEqual(new Uint8Array(rows.subarray(row * stride + 1, (row + 1) * stride)), own);
    }
  });
