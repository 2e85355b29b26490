import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError } from "../base/errors.ts";
import { decodeSafeTensors, encodeSafeTensors } from "./safetensors.ts";

const f32 = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** A file with this header (text, or a value for JSON) and so many bytes of data. */
function file(header: unknown, dataBytes = 0, claimed?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.byteLength + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(text.byteLength), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (
  from: number,
  to: number,
  shape: readonly unknown[] = [(to - from) / 4],
  dtype: unknown = "F32",
): object => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

test("names, dtypes, shapes, bytes and metadata survive; data begins at a multiple of 8", () => {
  const tensors = new Map([
    ["a/kernel", { dtype: "f32", shape: [2, 1], bytes: f32(1, Number.NaN) }],
    ["scalar", { dtype: "i8", shape: [], bytes: Uint8Array.of(255) }],
    ["empty", { dtype: "bf16", shape: [0, 3], bytes: new Uint8Array(0) }],
    ["__proto__", { dtype: "bool", shape: [1], bytes: Uint8Array.of(1) }],
  ] as const);
  const bytes = encodeSafeTensors({ tensors, metadata: { note: "ü\n" } });
  const back = decodeSafeTensors(bytes);
  assert.deepEqual(back.tensors, tensors);
  assert.deepEqual({ ...back.metadata }, { note: "ü\n" });
  assert.equal(new DataView(bytes.buffer).getBigUint64(0, true) % 8n, 0n);
  assert.equal(({} as { dtype?: unknown }).dtype, undefined);
});

test("bytes at any offset of their buffer are read", () => {
  const bytes = encodeSafeTensors({
    tensors: new Map([["a", { dtype: "f32", shape: [1], bytes: f32(7) }]]),
    metadata: {},
  });
  const shifted = new Uint8Array(bytes.byteLength + 3);
  shifted.set(bytes, 3);
  assert.deepEqual(decodeSafeTensors(shifted.subarray(3)).tensors.get("a")?.bytes, f32(7));
});

const hostile: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  nothing: [new Uint8Array(0), /0 bytes are too few/],
  "a header longer than the file": [file({}, 0, 1000n), /header would have 1000 bytes, but 2 follow[\s\S]*truncated/],
  "a header of 2^64 − 1 bytes": [file({}, 0, 2n ** 64n - 1n), /header would have 18446744073709551615 bytes/],
  "a header that is no JSON": [file("{"), /header is not JSON/],
  "a header that is no UTF-8": [file("{}").fill(0xff, 8), /header is not JSON/],
  "a header that is a list": [file([]), /header is not a JSON object/],
  "a header of a million brackets": [file("[".repeat(1_000_000)), /header is not JSON/],
  "deep nesting": [file(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`), /tensor "a" is not described/],
  "a tensor that is a number": [file({ a: 3 }), /tensor "a" is not described by an object/],
  "a tensor named __proto__ that is a number": [file('{"__proto__":3}'), /tensor "__proto__" is not described/],
  "no dtype": [file({ a: { shape: [], data_offsets: [0, 4] } }, 4), /tensor "a" has the unknown dtype none/],
  "an unknown dtype": [file({ a: entry(0, 4, [1], "F6_E2M3") }, 4), /unknown dtype "F6_E2M3"[\s\S]*known are F32/],
  "a dtype that is an object": [file({ a: entry(0, 4, [1], { toString: 1 }) }, 4), /unknown dtype/],
  "no shape": [file({ a: { dtype: "F32", data_offsets: [0, 4] } }, 4), /tensor "a" has no valid shape/],
  "a negative size": [file({ a: entry(0, 4, [-1]) }, 4), /no valid shape/],
  "a size of 1e300": [file({ a: entry(0, 4, [1e300]) }, 4), /no valid shape/],
  "sizes whose product overflows": [
    file({ a: entry(0, 0, [2 ** 40, 2 ** 40, 0]) }, 4),
    /4 bytes follow the last tensor/,
  ],
  "a huge shape": [file({ a: entry(0, 4, [2 ** 40, 2 ** 40]) }, 4), /needs .* bytes, but has 4/],
  "fractional offsets": [file({ a: entry(0, 4.5, [1]) }, 8), /no valid offsets/],
  "offsets backwards": [file({ a: entry(4, 0, [1]) }, 8), /ends at byte 0/],
  "offsets beyond the data": [file({ a: entry(0, 8, [2]) }, 4), /ends at byte 8, but the data has 4/],
  "overlapping tensors": [
    file({ a: entry(0, 8), b: entry(4, 12) }, 12),
    /tensor "b" begins at byte 4 of the data, not at 8/,
  ],
  "a gap between tensors": [
    file({ a: entry(0, 4), b: entry(8, 12) }, 12),
    /tensor "b" begins at byte 8 of the data, not at 4/,
  ],
  "data that belongs to nothing": [file({ a: entry(0, 4) }, 8), /4 bytes follow the last tensor/],
  "metadata that are numbers": [file({ __metadata__: { a: 1 } }), /__metadata__ is not a record of strings/],
};

for (const [what, [bytes, message]] of Object.entries(hostile)) {
  test(`${what}: refused with a clear error`, () => {
    assert.throws(
      () => decodeSafeTensors(bytes, "bad.safetensors"),
      (error: Error) =>
        error instanceof DataError && message.test(error.message) && error.message.startsWith("bad.safetensors: "),
    );
  });
}

test("floats of eight bits become the f32 that they stand for, as ml_dtypes has them", () => {
  const header = JSON.stringify({
    a: { dtype: "F8_E4M3", shape: [6], data_offsets: [0, 6] },
    b: { dtype: "F8_E5M2", shape: [5], data_offsets: [6, 11] },
  });
  const bytes = new Uint8Array(8 + header.length + 11);
  bytes[0] = header.length;
  bytes.set(new TextEncoder().encode(header), 8);
  bytes.set([0x38, 0xb8, 0x7e, 0x01, 0x7f, 0x00, 0x3c, 0xbc, 0x7b, 0x01, 0x7c], 8 + header.length);
  const { tensors } = decodeSafeTensors(bytes);
  const values = (name: string): number[] => [...new Float32Array(tensors.get(name)!.bytes.slice().buffer)];
  assert.deepEqual(values("a"), [1, -1, 448, 2 ** -9, Number.NaN, 0]);
  assert.deepEqual(values("b"), [1, -1, 57344, 2 ** -16, Number.POSITIVE_INFINITY]);
});
