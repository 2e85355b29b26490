// FarmHash's Fingerprint64 (farmhashna, G. Pike, Google 2014): what TensorFlow, and so Keras, puts strings into bins by.
// 64-bit arithmetic wraps around.

const k0 = 0xc3a5c85c97cb3127n;
const k1 = 0xb492b66fbe98f273n;
const k2 = 0x9ae16a3b2f90404fn;

const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);
const rotate = (x: bigint, bits: bigint): bigint => wrap((x >> bits) | (x << (64n - bits)));
const shiftMix = (x: bigint): bigint => x ^ (x >> 47n);

function hash16(u: bigint, v: bigint, mul: bigint): bigint {
  const a = shiftMix(wrap((u ^ v) * mul));
  const b = shiftMix(wrap((v ^ a) * mul));
  return wrap(b * mul);
}

/** The 64-bit fingerprint of bytes. */
export function fingerprint64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  if (length <= 16) return upTo16(bytes, view);
  if (length <= 32) return upTo32(view, length);
  return length <= 64 ? upTo64(view, length) : longer(view, length);
}

const word = (view: DataView, at: number): bigint => view.getBigUint64(at, true);

function upTo16(bytes: Uint8Array, view: DataView): bigint {
  const { length } = bytes;
  const mul = wrap(k2 + BigInt(length) * 2n);
  if (length >= 8) {
    const a = wrap(word(view, 0) + k2);
    const b = word(view, length - 8);
    return hash16(wrap(rotate(b, 37n) * mul + a), wrap((rotate(a, 25n) + b) * mul), mul);
  }
  if (length >= 4) {
    const a = BigInt(view.getUint32(0, true));
    return hash16(BigInt(length) + (a << 3n), BigInt(view.getUint32(length - 4, true)), mul);
  }
  if (length === 0) return k2;
  const y = BigInt(bytes[0]! + bytes[length >> 1]! * 256);
  const z = BigInt(length + bytes[length - 1]! * 4);
  return wrap(shiftMix(wrap(y * k2) ^ wrap(z * k0)) * k2);
}

function upTo32(view: DataView, length: number): bigint {
  const mul = wrap(k2 + BigInt(length) * 2n);
  const a = wrap(word(view, 0) * k1);
  const b = word(view, 8);
  const c = wrap(word(view, length - 8) * mul);
  const d = wrap(word(view, length - 16) * k2);
  return hash16(wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d), wrap(a + rotate(wrap(b + k2), 18n) + c), mul);
}

function upTo64(view: DataView, length: number): bigint {
  const mul = wrap(k2 + BigInt(length) * 2n);
  const a = wrap(word(view, 0) * k2);
  const b = word(view, 8);
  const c = wrap(word(view, length - 8) * mul);
  const d = wrap(word(view, length - 16) * k2);
  const y = wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d);
  const z = hash16(y, wrap(a + rotate(wrap(b + k2), 18n) + c), mul);
  const e = wrap(word(view, 16) * mul);
  const f = word(view, 24);
  const g = wrap((y + word(view, length - 32)) * mul);
  const h = wrap((z + word(view, length - 24)) * mul);
  return hash16(wrap(rotate(wrap(e + f), 43n) + rotate(g, 30n) + h), wrap(e + rotate(wrap(f + a), 18n) + g), mul);
}

type Two = readonly [bigint, bigint];

/** A weak hash of 32 bytes from `at` on, with two seeds. */
function weak(view: DataView, at: number, first: bigint, second: bigint): Two {
  const z = word(view, at + 24);
  const a = wrap(first + word(view, at));
  const b = rotate(wrap(second + a + z), 21n);
  const sum = wrap(a + word(view, at + 8) + word(view, at + 16));
  return [wrap(sum + z), wrap(b + rotate(sum, 44n) + a)];
}

const seed = 81n;

function longer(view: DataView, length: number): bigint {
  let y = wrap(seed * k1 + 113n);
  let z = wrap(shiftMix(wrap(y * k2 + 113n)) * k2);
  let x = wrap(seed * k2 + word(view, 0));
  let v: Two = [0n, 0n];
  let w: Two = [0n, 0n];
  const end = Math.floor((length - 1) / 64) * 64;
  for (let at = 0; at !== end; at += 64) {
    x = wrap(rotate(wrap(x + y + v[0] + word(view, at + 8)), 37n) * k1);
    y = wrap(rotate(wrap(y + v[1] + word(view, at + 48)), 42n) * k1);
    x ^= w[1];
    y = wrap(y + v[0] + word(view, at + 40));
    z = wrap(rotate(wrap(z + w[0]), 33n) * k1);
    v = weak(view, at, wrap(v[1] * k1), wrap(x + w[0]));
    w = weak(view, at + 32, wrap(z + w[1]), wrap(y + word(view, at + 16)));
    [z, x] = [x, z];
  }
  const mul = wrap(k1 + ((z & 0xffn) << 1n));
  const last = length - 64; // the last 64 bytes, which may overlap those before
  w = [wrap(w[0] + BigInt((length - 1) & 63)), w[1]];
  v = [wrap(v[0] + w[0]), v[1]];
  w = [wrap(w[0] + v[0]), w[1]];
  x = wrap(rotate(wrap(x + y + v[0] + word(view, last + 8)), 37n) * mul);
  y = wrap(rotate(wrap(y + v[1] + word(view, last + 48)), 42n) * mul);
  x ^= wrap(w[1] * 9n);
  y = wrap(y + v[0] * 9n + word(view, last + 40));
  z = wrap(rotate(wrap(z + w[0]), 33n) * mul);
  v = weak(view, last, wrap(v[1] * mul), wrap(x + w[0]));
  w = weak(view, last + 32, wrap(z + w[1]), wrap(y + word(view, last + 16)));
  [z, x] = [x, z];
  return hash16(wrap(hash16(v[0], w[0], mul) + wrap(shiftMix(y) * k0) + z), wrap(hash16(v[1], w[1], mul) + x), mul);
}
