/** Numbers from 0 to 1, the same in every run (mulberry32, public domain by T. Ettinger). */
export type Random = () => number;
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const below = (random: Random, limit: number): number => Math.floor(random() * limit);
export const oneOf = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!;

type Damage = (file: Uint8Array, random: Random) => Uint8Array;
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const letters = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Lengths, counts and places that no file has, or just not this one. */
const absurdNumbers = (value: bigint, size: bigint): readonly bigint[] => [
  ...[0n, 1n, 0x7fn, 0xffn, 0x7fffn, 0xffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 2n ** 53n, 2n ** 63n, -1n, -8n],
  ...[
    value + 1n,
    value - 1n,
    value * 2n,
    value * 1000n,
    value + 0x1000_0000n,
    size,
    size - 1n,
    size * 2n,
    100_000_000n,
  ],
];

/** Something else than the number of `width` bytes, in a file of `size`. */
export const absurdNumber = (value: bigint, size: bigint, width: number, random: Random): bigint =>
  BigInt.asUintN(8 * width, oneOf(random, absurdNumbers(value, size)));

/** A whole number of the file, of one of the usual widths, in one of both orders, is another one. */
const number: Damage = (file, random) => {
  const width = oneOf(random, [1, 2, 4, 8]);
  if (file.length < width) return file;
  const copy = file.slice();
  const view = new DataView(copy.buffer);
  const places = Math.floor(copy.length / width);
  // Most formats align their numbers; some do not.
  const at = random() < 0.5 ? width * below(random, places) : below(random, copy.length - width + 1);
  const little = random() < 0.7;
  let value = 0n;
  for (let byte = 0; byte < width; byte++)
    value = (value << 8n) | BigInt(view.getUint8(little ? at + width - 1 - byte : at + byte));
  const other = absurdNumber(value, BigInt(file.length), width, random);
  for (let byte = 0; byte < width; byte++)
    view.setUint8(little ? at + byte : at + width - 1 - byte, Number((other >> BigInt(8 * byte)) & 255n));
  return copy;
};

const absurdWords = [
  "99999999999999999999",
  "1e308",
  "-1",
  "0",
  "1073741824",
  "null",
  "NaN",
  '"',
  "\\u0000",
  "[]",
  "{}",
];

/** Digits of a text are another number, or none. */
const digits: Damage = (file, random) => {
  const start = below(random, file.length);
  const isDigit = (at: number): boolean => file[at]! >= 48 && file[at]! <= 57;
  for (let step = 0; step < Math.min(file.length, 512); step++) {
    const at = (start + step) % file.length;
    if (!isDigit(at)) continue;
    let end = at;
    while (end < file.length && isDigit(end)) end++;
    return joined(file.subarray(0, at), letters(oneOf(random, absurdWords)), file.subarray(end));
  }
  return file;
};

const nests = ["[", '{"a":', "(", "((", "<<", "\x80\x02]", '""'];
/** Something opens again and again. */
const nesting: Damage = (file, random) => {
  const at = below(random, file.length + 1);
  const depth = oneOf(random, [3, 300, 300, 20_000]);
  return joined(file.subarray(0, at), letters(oneOf(random, nests).repeat(depth)), file.subarray(at));
};

const kinds: readonly Damage[] = [
  (file, random) => file.slice(0, below(random, file.length + 1)),
  (file, random) => {
    const copy = file.slice();
    for (let flips = 1 + below(random, 8); flips > 0; flips--)
      copy[below(random, copy.length)]! ^= 1 << below(random, 8);
    return copy;
  },
  // Headers are where damage hurts most.
  (file, random) => {
    const copy = file.slice();
    for (let changes = 1 + below(random, 4); changes > 0; changes--)
      copy[below(random, Math.min(128, copy.length))] = below(random, 256);
    return copy;
  },
  (file, random) => {
    const at = below(random, file.length);
    const piece = file.subarray(at, at + below(random, 64));
    return joined(file.subarray(0, at), piece, piece, file.subarray(at));
  },
  // A piece stands where another one did.
  (file, random) => {
    const copy = file.slice();
    const length = 1 + below(random, 32);
    const from = below(random, copy.length);
    copy.copyWithin(below(random, copy.length), from, from + length);
    return copy;
  },
  number,
  number,
  number,
  digits,
];

/** A damaged copy of the file: cut off, bits flipped, pieces repeated or moved, numbers made absurd, nested too deep. */
export function damaged(file: Uint8Array, random: Random): Uint8Array {
  if (file.length === 0) return file;
  if (random() < 0.01) return nesting(file, random);
  const once = oneOf(random, kinds)(file, random);
  return random() < 0.25 && once.length > 0 ? oneOf(random, kinds)(once, random) : once;
}

/** `count` damaged copies of the files. */
export function* mutated(files: readonly Uint8Array[], count: number, seed = 1): Generator<Uint8Array> {
  const random = randomFrom(seed);
  for (let made = 0; made < count; made++) yield damaged(oneOf(random, files), random);
}

/** What stands where something else should. */
const absurdValues: readonly unknown[] = [
  ...[
    1e9,
    -1,
    0,
    1e18,
    0.5,
    2 ** 31,
    2 ** 53,
    null,
    true,
    "x",
    "",
    "__proto__",
    "a".repeat(5000),
    [],
    {},
    [[[[[[]]]]]],
  ],
  ...[
    { class_name: "Dense", config: { units: 1e9 } },
    { class_name: "__lambda__", config: { value: "4wEA" } },
  ],
  ...[Array.from({ length: 100 }, () => 1e6), ["dense", 0, 0], { class_name: "__keras_tensor__", config: {} }],
  ...[["../outside", "/etc/passwd"], "../outside", "/etc/passwd", "constructor", { __proto__: null, toString: 1 }],
];

/** The JSON with one to three values replaced, moved, left out or added. */
export function damagedJson(text: string, random: Random): string {
  const json: unknown = JSON.parse(text);
  const places: [Record<string, unknown>, string][] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(json);
  if (places.length === 0) return text;
  for (let changes = 1 + below(random, 3); changes > 0; changes--) {
    const [owner, key] = oneOf(random, places);
    const [other, there] = oneOf(random, places);
    const kind = below(random, 6);
    if (kind < 3) owner[key] = oneOf(random, absurdValues);
    else if (kind === 3) delete owner[key];
    else if (kind === 4) owner[key] = structuredClone(other[there]);
    else owner[`extra_${below(random, 9)}`] = oneOf(random, absurdValues);
  }
  return JSON.stringify(json);
}
