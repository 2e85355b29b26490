import assert from "node:assert/strict";
import { test } from "node:test";
import { bf16FromBits, bf16ToBits, f16FromBits, f16ToBits, roundToBf16, roundToF16 } from "./half.ts";

const allBits = Array.from({ length: 65536 }, (_, bits) => bits);
const formats = [
  { name: "f16", toBits: f16ToBits, fromBits: f16FromBits, round: roundToF16 },
  { name: "bf16", toBits: bf16ToBits, fromBits: bf16FromBits, round: roundToBf16 },
];

for (const { name, toBits, fromBits, round } of formats) {
  test(`${name}: every bit pattern survives the way to a number and back`, () => {
    for (const bits of allBits) {
      const value = fromBits(bits);
      if (Number.isNaN(value)) assert.ok(Number.isNaN(fromBits(toBits(value))));
      else assert.equal(toBits(value), bits, `bits ${bits.toString(16)} are ${value}`);
    }
  });

  test(`${name}: rounding picks the nearest neighbour, and the even one in the middle`, () => {
    for (let bits = 0; ; bits++) {
      const low = fromBits(bits);
      const high = fromBits(bits + 1);
      if (!Number.isFinite(high)) break;
      const middle = (low + high) / 2;
      assert.equal(round(middle), bits % 2 === 0 ? low : high);
      assert.equal(round(middle + (high - low) / 1024), high);
      assert.equal(round(middle - (high - low) / 1024), low);
      assert.ok(Object.is(round(-middle), bits % 2 === 0 ? -low : -high));
    }
  });
}

test("bf16 is the upper half of f32", () => {
  const float = new Float32Array(1);
  const word = new Uint32Array(float.buffer);
  for (const bits of allBits) {
    word[0] = bits << 16;
    if (!Number.isNaN(float[0])) assert.ok(Object.is(bf16FromBits(bits), float[0]));
  }
});

test("known values", () => {
  const rows: readonly (readonly [(value: number) => number, number, number])[] = [
    [f16ToBits, 1, 0x3c00],
    [f16ToBits, -2, 0xc000],
    [f16ToBits, 65504, 0x7bff],
    [f16ToBits, 65519.99, 0x7bff],
    [f16ToBits, 65520, 0x7c00],
    [f16ToBits, 2 ** -24, 1],
    [f16ToBits, 2 ** -25, 0],
    [f16ToBits, -(2 ** -25), 0x8000],
    [f16ToBits, 1 / 3, 0x3555],
    [f16ToBits, Number.NEGATIVE_INFINITY, 0xfc00],
    [f16ToBits, Number.NaN, 0x7e00],
    [f16ToBits, 5e-324, 0],
    [bf16ToBits, 1, 0x3f80],
    [bf16ToBits, 1 / 3, 0x3eab],
    [bf16ToBits, 3.4e38, 0x7f80],
    [bf16ToBits, Number.NaN, 0x7fc0],
  ];
  for (const [encode, value, bits] of rows) assert.equal(encode(value), bits, `${value}`);
});
