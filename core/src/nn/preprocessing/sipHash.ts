// SipHash-2-4 (Aumasson and Bernstein 2012): a hash with a key, which TensorFlow and so Keras use where there is a salt.

const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);
const rotate = (x: bigint, bits: bigint): bigint => wrap((x << bits) | (x >> (64n - bits)));

/** The hash of bytes under a key of two 64-bit numbers. */
export function sipHash(bytes: Uint8Array, [first, second]: readonly [bigint, bigint]): bigint {
  let v0 = first ^ 0x736f6d6570736575n;
  let v1 = second ^ 0x646f72616e646f6dn;
  let v2 = first ^ 0x6c7967656e657261n;
  let v3 = second ^ 0x7465646279746573n;
  const rounds = (count: number): void => {
    for (let round = 0; round < count; round++) {
      v0 = wrap(v0 + v1);
      v1 = rotate(v1, 13n) ^ v0;
      v0 = rotate(v0, 32n);
      v2 = wrap(v2 + v3);
      v3 = rotate(v3, 16n) ^ v2;
      v0 = wrap(v0 + v3);
      v3 = rotate(v3, 21n) ^ v0;
      v2 = wrap(v2 + v1);
      v1 = rotate(v1, 17n) ^ v2;
      v2 = rotate(v2, 32n);
    }
  };
  const take = (word: bigint): void => {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  };
  const whole = bytes.length - (bytes.length % 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < whole; at += 8) take(view.getBigUint64(at, true));
  let last = BigInt(bytes.length & 255) << 56n;
  for (let at = whole; at < bytes.length; at++) last |= BigInt(bytes[at]!) << BigInt(8 * (at - whole));
  take(last);
  v2 ^= 0xffn;
  rounds(4);
  return v0 ^ v1 ^ v2 ^ v3;
}
