import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DataError } from "../base/errors.ts";
import { decodeNpy, encodeNpy, type NumpyArray } from "./npy.ts";
import { decodeNpz, encodeNpz } from "./npz.ts";

interface Goldens {
  readonly arrays: readonly {
    readonly name: string;
    readonly type: string;
    readonly shape: readonly number[];
    readonly values: readonly string[];
    readonly file: string;
  }[];
  readonly archives: Readonly<Record<string, string>>;
  readonly objects: string;
  readonly records: string;
}

/** What NumPy wrote: scripts/goldens/npy.py. */
const goldens = JSON.parse(readFileSync(new URL("../../src/goldens/npy.json", import.meta.url), "utf8")) as Goldens; // our own file
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
const valuesOf = ({ type, data }: NumpyArray): string[] =>
  Array.from(data as ArrayLike<number | bigint>, (value) => (type === "f2" ? String(value) : canonical(String(value))));
/** Python and JavaScript write the same number differently: 1.0 and 1. */
const canonical = (text: string): string => (/[.e]/.test(text) ? String(Number(text)) : text);

for (const { name, type, shape, values, file } of goldens.arrays) {
  test(`an .npy file of NumPy is read, and written back to an equal one: ${name}`, () => {
    const array = decodeNpy(bytesOf(file));
    assert.equal(array.type, type);
    assert.deepEqual(array.shape, shape);
    assert.deepEqual(valuesOf(array), values.map(canonical));
    const again = encodeNpy(array);
    assert.deepEqual(decodeNpy(again), array);
    const plain = !/big|Fortran|version/.test(name);
    if (plain) assert.deepEqual(again, bytesOf(file), "the bytes that NumPy writes");
  });
}

for (const [name, file] of Object.entries(goldens.archives)) {
  test(`an .npz file of numpy.${name} is read, and written and read back`, async () => {
    const arrays = await decodeNpz(bytesOf(file));
    assert.deepEqual([...arrays.keys()], ["x", "y"]);
    assert.deepEqual(arrays.get("x")!.shape, [2, 3, 4]);
    assert.deepEqual(valuesOf(arrays.get("y")!), ["0", "1", "2"]);
    for (const compression of ["none", "deflate"] as const) {
      assert.deepEqual(await decodeNpz(await encodeNpz(arrays, { compression })), arrays);
    }
  });
}

/** An .npy file with this header. */
function file(header: string, dataBytes: number, version = 1): Uint8Array {
  const text = Buffer.from(header, "latin1");
  const start = version === 1 ? 10 : 12;
  const bytes = new Uint8Array(start + text.length + dataBytes);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version]);
  new DataView(bytes.buffer)[version === 1 ? "setUint16" : "setUint32"](8, text.length, true);
  bytes.set(text, start);
  return bytes;
}

const hostile: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  nothing: [new Uint8Array(0), /does not begin like an \.npy file/],
  "pickled objects": [
    bytesOf(goldens.objects),
    /"\|O" is not known[\s\S]*pickled Python objects, which are never read/,
  ],
  "an array of records": [bytesOf(goldens.records), /arrays of records cannot be read/],
  "version 9": [file("{}", 0, 9), /version 9 of \.npy is not known/],
  "an empty dictionary": [file("{}", 0), /no "descr"/],
  "a header that is code": [file("__import__('os')", 0), /not a dictionary/],
  "an expression as shape": [
    file("{'descr': '<f4', 'fortran_order': False, 'shape': (2**60,)}", 0),
    /"shape" is not understood/,
  ],
  "a negative size": [file("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", 0), /"shape" is not understood/],
  "a shape beyond all memory": [
    file("{'descr': '<f4', 'fortran_order': False, 'shape': (9007199254740991, 9)}", 0),
    /shape is not understood/,
  ],
  "too few elements": [
    file("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", 8),
    /needs 12 bytes, but 8 follow[\s\S]*truncated/,
  ],
  "too many elements": [
    file("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", 8),
    /needs 4 bytes, but 8 follow/,
  ],
  "a key twice": [file("{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': ()}", 4), /"descr" twice/],
};

for (const [name, [bytes, expected]] of Object.entries(hostile)) {
  test(`${name}: refused with a clear error`, () => {
    assert.throws(
      () => decodeNpy(bytes, "x.npy"),
      (error) => error instanceof DataError && expected.test(error.message) && error.message.startsWith("x.npy: "),
    );
  });
}

test("an .npz file that claims to hold more than it can, or than is allowed, is refused before it is unpacked", async () => {
  const zeros: NumpyArray = { type: "u1", shape: [1_000_000], data: new Uint8Array(1_000_000) };
  const packed = await encodeNpz(new Map([["zeros", zeros]]), { compression: "deflate" });
  assert.ok(packed.byteLength < 5000);
  assert.equal((await decodeNpz(packed)).get("zeros")!.data.length, 1_000_000);
  await assert.rejects(decodeNpz(packed, { limitBytes: 500_000 }), /would unpack to more than 500000 bytes/);
  await assert.rejects(decodeNpz(Uint8Array.of(1, 2, 3), {}, "x.npz"), /x\.npz: no readable zip file/);
});
