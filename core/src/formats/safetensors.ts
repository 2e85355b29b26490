import { bytesPerElement, type DType } from "../base/dtype.ts";
import { DataError } from "../base/errors.ts";
import { printShape, type Shape, sizeOf } from "../base/shape.ts";
import { isWide, narrowed, partsOf, type WideType, wideTypes } from "./wideTypes.ts";

// The format: https://github.com/huggingface/safetensors#format — the length of a JSON header as a little-endian u64, the
// header, and the tensors' bytes one after the other.

/** A tensor's little-endian bytes. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
}

export interface SafeTensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Free text by name; programs put JSON here. */
  readonly metadata: Readonly<Record<string, string>>;
}

const codes = {
  f32: "F32",
  f16: "F16",
  bf16: "BF16",
  i32: "I32",
  u32: "U32",
  i8: "I8",
  u8: "U8",
  bool: "BOOL",
} as const satisfies Record<DType, string>;

const dtypeOfCode = new Map<string, DType>(Object.entries(codes).map(([dtype, code]) => [code, dtype as DType])); // the table's keys

export const prefixBytes = 8;
// The reference implementation's own limit.
const headerLimit = 100_000_000;
const dataAlignment = 8;

/** The file's bytes. The header is padded with spaces so that the data begins at a multiple of 8. */
export function encodeSafeTensors({ tensors, metadata }: SafeTensors): Uint8Array {
  // Without a prototype, any name can be a key, "__proto__" too.
  const entries: Record<string, unknown> = Object.assign(Object.create(null), { __metadata__: metadata });
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    entries[name] = { dtype: codes[dtype], shape, data_offsets: [offset, offset + bytes.byteLength] };
    offset += bytes.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(entries));
  const headerBytes = Math.ceil(text.byteLength / dataAlignment) * dataAlignment;
  const file = new Uint8Array(prefixBytes + headerBytes + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, prefixBytes, prefixBytes + headerBytes);
  file.set(text, prefixBytes);
  let at = prefixBytes + headerBytes;
  for (const { bytes } of tensors.values()) {
    file.set(bytes, at);
    at += bytes.byteLength;
  }
  return file;
}

/** Reads a file's bytes; nothing in it is believed before it is checked. `source` names the file in errors. */
export function decodeSafeTensors(file: Uint8Array, source = "the file"): SafeTensors {
  const end = headerEnd(file, file.byteLength, source);
  const data = file.subarray(end);
  const { entries, metadata } = readHeader(file.subarray(prefixBytes, end), data.byteLength, source);
  const tensors = new Map(
    [...entries].map(([name, place]): [string, StoredTensor] => [
      name,
      tensorAt(name, place, data.slice(place.start, place.stop), source),
    ]),
  );
  return { tensors, metadata };
}

/** Where a tensor lies, in bytes from the end of the header. */
export interface TensorPlace {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly start: number;
  readonly stop: number;
  /** The type in the file, where tensors have none like it. */
  readonly wide?: WideType;
}

/** The tensor whose bytes in the file are `bytes`. */
export const tensorAt = (
  name: string,
  { dtype, shape, wide }: TensorPlace,
  bytes: Uint8Array,
  source: string,
): StoredTensor => ({
  dtype,
  shape,
  bytes: wide === undefined ? bytes : narrowed(wide, bytes, `${source}: tensor "${name.slice(0, 80)}"`),
});

/** What the header of a file says. */
export interface SafeTensorsHeader {
  readonly entries: ReadonlyMap<string, TensorPlace>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads the text of a header, followed by `available` bytes of tensors. */
export function readHeader(text: Uint8Array, available: number, source: string): SafeTensorsHeader {
  let metadata: Readonly<Record<string, string>> = {};
  const entries = new Map<string, TensorPlace>();
  for (const [name, entry] of Object.entries(parseHeader(text, source))) {
    if (name === "__metadata__") metadata = readMetadata(entry, source);
    else entries.set(name, readEntry(name, entry, available, source));
  }
  checkSpans(entries, available, source);
  return { entries, metadata };
}

export const broken = (
  source: string,
  why: string,
  hint = "the file is damaged, or was not written as safetensors",
): DataError => new DataError({ what: `${source}: ${why}`, hint });

/** Where the header ends in a file of `size` bytes, which begins with `start`. */
export function headerEnd(start: Uint8Array, size: number, source: string): number {
  if (size < prefixBytes) throw broken(source, `${size} bytes are too few for a safetensors file`);
  const length = new DataView(start.buffer, start.byteOffset, prefixBytes).getBigUint64(0, true);
  if (length > BigInt(headerLimit) || length > BigInt(size - prefixBytes)) {
    throw broken(
      source,
      `the header would have ${length} bytes, but ${size - prefixBytes} follow`,
      "the file is truncated, or is no safetensors file",
    );
  }
  return prefixBytes + Number(length);
}

function parseHeader(text: Uint8Array, source: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch {
    throw broken(source, "the header is not JSON");
  }
  if (!isRecord(parsed)) throw broken(source, "the header is not a JSON object");
  return parsed;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function readMetadata(entry: unknown, source: string): Record<string, string> {
  if (!isRecord(entry) || !Object.values(entry).every((value) => typeof value === "string")) {
    throw broken(source, "__metadata__ is not a record of strings");
  }
  return entry as Record<string, string>; // checked just above
}

function readEntry(name: string, entry: unknown, available: number, source: string): TensorPlace {
  const where = `tensor "${name.slice(0, 80)}"`;
  if (!isRecord(entry)) throw broken(source, `${where} is not described by an object`);
  const code = entry["dtype"];
  const wide = isWide(code) ? code : undefined;
  const dtype = wide === undefined ? dtypeOfCode.get(code as string) : wideTypes[wide].dtype; // other keys are not in the map
  if (dtype === undefined)
    throw broken(
      source,
      `${where} has the unknown dtype ${(JSON.stringify(entry["dtype"]) ?? "none").slice(0, 40)}`,
      `known are ${[...dtypeOfCode.keys(), ...Object.keys(wideTypes)].join(", ")}`,
    );
  const { shape, data_offsets: offsets } = entry;
  const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize)) throw broken(source, `${where} has no valid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize))
    throw broken(source, `${where} has no valid offsets`);
  const [start, stop] = offsets as [number, number];
  const needed = sizeOf(shape) * (wide === undefined ? bytesPerElement[dtype] : wideTypes[wide].bytes * partsOf(wide));
  if (start > stop || stop > available) {
    throw broken(source, `${where} ends at byte ${stop}, but the data has ${available}`, "the file is truncated");
  }
  if (stop - start !== needed)
    throw broken(source, `${where} of shape ${printShape(shape)} needs ${needed} bytes, but has ${stop - start}`);
  if (wide === undefined) return { dtype, shape, start, stop };
  const parts = partsOf(wide);
  return { dtype, shape: parts === 1 ? shape : [...shape, parts], start, stop, wide };
}

/** The tensors must cover the data without gaps or overlaps. */
function checkSpans(entries: SafeTensorsHeader["entries"], available: number, source: string): void {
  let end = 0;
  const spans = [...entries].map(([name, { start, stop }]) => ({ name, start, stop }));
  for (const { start, stop, name } of spans.sort((a, b) => a.start - b.start || a.stop - b.stop)) {
    if (start !== end) throw broken(source, `tensor "${name}" begins at byte ${start} of the data, not at ${end}`);
    end = stop;
  }
  if (end !== available) throw broken(source, `${available - end} bytes follow the last tensor`);
}
