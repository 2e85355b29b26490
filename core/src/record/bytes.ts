import { DataError } from "../base/errors.ts";
import { padded } from "./frame.ts";

const text = { encoder: new TextEncoder(), decoder: new TextDecoder("utf-8", { fatal: true }) };

/** JSON with NaN and the infinities, which JSON itself would make null: they are what a log must not lose. */
export function encodeJson(value: unknown): Uint8Array {
  const told = JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "number" && !Number.isFinite(each) ? { $number: String(each) } : each,
  );
  return text.encoder.encode(told);
}

const numbers = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** The value that `encodeJson` wrote; a DataError when it did not. */
export function decodeJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(text.decoder.decode(bytes), (key, each: unknown) => {
      if (key === "__proto__") return undefined;
      const told = typeof each === "object" && each !== null && "$number" in each ? each.$number : undefined;
      return typeof told === "string" ? (numbers.get(told) ?? each) : each;
    });
  } catch {
    throw new DataError("a frame of the run log holds no JSON");
  }
}

/** JSON, and bytes behind it at a multiple of 8: u32 length of the JSON · u32 0 · JSON, padded · bytes. */
export function encodeAttached(head: unknown, data: Uint8Array): Uint8Array {
  const json = encodeJson(head);
  const bytes = new Uint8Array(8 + padded(json.length) + data.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 8);
  bytes.set(data, 8 + padded(json.length));
  return bytes;
}

export function decodeAttached(bytes: Uint8Array): { readonly head: unknown; readonly data: Uint8Array } {
  if (bytes.length < 8) throw new DataError("a frame of the run log is too short");
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const begin = 8 + padded(length);
  if (length > bytes.length || begin > bytes.length) throw new DataError("a frame of the run log is too short");
  return { head: decodeJson(bytes.subarray(8, 8 + length)), data: bytes.slice(begin) };
}

/** Numbers of at most 32 bits, seven bits a byte, lowest first. */
export function encodeVarints(values: Iterable<number>): Uint8Array {
  const bytes: number[] = [];
  for (const value of values) {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

export function decodeVarints(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let [value, factor] = [0, 1];
  for (const byte of bytes) {
    value += (byte & 127) * factor;
    factor *= 128;
    if (byte & 128) {
      if (factor > 2 ** 42) throw new DataError("a frame of the run log holds a number that is too large");
      continue;
    }
    values.push(value);
    [value, factor] = [0, 1];
  }
  if (factor !== 1) throw new DataError("a frame of the run log ends inside of a number");
  return values;
}
