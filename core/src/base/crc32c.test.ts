import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, crc32c } from "./crc32c.ts";

test("CRC-32C of the examples of RFC 3720, B.4", () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e);
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
});

test("parts one after the other have the checksum of the whole", () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, at) => (at * 37) & 255);
  for (const cut of [0, 1, 3, 50, 99, 100])
    assert.equal(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut))), crc32c(bytes));
});

test("CRC-32 of the example of the PNG specification, and of every one's digits", () => {
  assert.equal(crc32(new TextEncoder().encode("IEND")), 0xae426082);
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});
