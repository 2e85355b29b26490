import { crc32 } from "../../base/crc32c.ts";
import { DataError } from "../../base/errors.ts";
import type { ByteSource } from "../byteSource.ts";
import { type ArchiveEntry, type ArchiveOptions, budget, entryPath, printable } from "./entry.ts";
import { type Chunks, chunksOf, inflated } from "./inflate.ts";

// The format: PKWARE's APPNOTE.TXT 6.3.10. A directory at the end of the file says where the files are, and how packed.

const endBytes = 22;
const end64Bytes = 56;
const locatorBytes = 20;
const longestComment = 65_535;
const recordBytes = 46;
const localBytes = 30;
/** Deflate cannot pack better than this (RFC 1951: 258 bytes in 2 bits), so larger claims are false. */
const bestRatio = 1032;

/** The files and folders of a zip file, from its directory; each is unpacked, and checked, when it is read. */
export async function* zipEntries(
  bytes: ByteSource,
  source: string,
  options: ArchiveOptions = {},
): AsyncGenerator<ArchiveEntry> {
  const records = await readDirectory(bytes, source, options);
  for (const record of records) {
    const name = entryPath(record.name, source);
    if (name === "") continue;
    const kind = /[\\/]$/.test(record.name) ? "folder" : "file";
    yield { name, kind, size: record.size, chunks: () => contentOf(record, bytes, `${source}: ${name}`) };
  }
}

interface Record {
  readonly name: string;
  readonly method: number;
  readonly sum: number;
  readonly packed: number;
  readonly size: number;
  /** Where the file's own header begins. */
  readonly start: number;
}

const damaged = (source: string, why: string): DataError =>
  new DataError({ what: `${source}: no readable zip file: ${why}`, hint: "the file is damaged, or is no zip file" });

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** All records of the directory, checked against the size of the file, the limits, and each other. */
async function readDirectory(bytes: ByteSource, source: string, options: ArchiveOptions): Promise<Record[]> {
  const { entries, start, length } = await findDirectory(bytes, source);
  if (!(start + length <= bytes.size && entries * recordBytes <= length))
    throw damaged(source, "the directory does not lie in the file");
  const directory = await bytes.read(start, length);
  const count = budget(source, options);
  const records: Record[] = [];
  const names = new Set<string>();
  let at = 0;
  for (let index = 0; index < entries; index++) {
    const { record, end } = readRecord(directory, at, source);
    count(record.size);
    if (record.start + localBytes + record.packed > start)
      throw damaged(source, `"${printable(record.name)}" lies outside`);
    const name = entryPath(record.name, source);
    if (name !== "" && names.has(name)) throw damaged(source, `it holds "${printable(name)}" twice`);
    names.add(name);
    records.push(record);
    at = end;
  }
  checkOverlaps(records, source);
  return records;
}

/** Files that share bytes would unpack to far more than the file could hold (D. Fifield 2019, "A better zip bomb"). */
function checkOverlaps(records: readonly Record[], source: string): void {
  const sorted = records.toSorted((a, b) => a.start - b.start);
  for (const [index, { start, packed, name }] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next !== undefined && start + localBytes + packed > next.start)
      throw damaged(source, `"${printable(name)}" and "${printable(next.name)}" overlap`);
  }
}

interface Directory {
  readonly entries: number;
  readonly start: number;
  readonly length: number;
}

/** The record at the end of the file, which a comment may follow. */
async function findDirectory(bytes: ByteSource, source: string): Promise<Directory> {
  const tailBytes = Math.min(bytes.size, endBytes + longestComment + locatorBytes);
  const tail = await bytes.read(bytes.size - tailBytes, tailBytes);
  const view = viewOf(tail);
  for (let at = tail.length - endBytes; at >= 0; at--) {
    if (view.getUint32(at, true) !== 0x06054b50 || at + endBytes + view.getUint16(at + 20, true) !== tail.length)
      continue;
    const found: Directory = {
      entries: view.getUint16(at + 10, true),
      length: view.getUint32(at + 12, true),
      start: view.getUint32(at + 16, true),
    };
    if (view.getUint16(at + 4, true) !== view.getUint16(at + 6, true) || view.getUint16(at + 8, true) !== found.entries)
      throw damaged(source, "it is one of several parts");
    const isLarge = found.entries === 0xffff || found.length === 0xffffffff || found.start === 0xffffffff;
    const locator = at - locatorBytes;
    if (isLarge && locator >= 0 && view.getUint32(locator, true) === 0x07064b50)
      return readLargeEnd(bytes, number64(view, locator + 8), source);
    return found;
  }
  throw damaged(source, "its directory is missing");
}

async function readLargeEnd(bytes: ByteSource, start: number, source: string): Promise<Directory> {
  if (!(start + end64Bytes <= bytes.size)) throw damaged(source, "the directory does not lie in the file");
  const view = viewOf(await bytes.read(start, end64Bytes));
  if (view.getUint32(0, true) !== 0x06064b50) throw damaged(source, "its directory is missing");
  return { entries: number64(view, 32), length: number64(view, 40), start: number64(view, 48) };
}

/** NaN beyond 2⁵³, which no comparison accepts. */
const number64 = (view: DataView, at: number): number => {
  const value = Number(view.getBigUint64(at, true));
  return Number.isSafeInteger(value) ? value : Number.NaN;
};

function readRecord(directory: Uint8Array, at: number, source: string): { record: Record; end: number } {
  const view = viewOf(directory);
  if (at + recordBytes > directory.length || view.getUint32(at, true) !== 0x02014b50)
    throw damaged(source, "the directory is broken");
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [
    number,
    number,
    number,
  ]; // as many as fields
  const nameEnd = at + recordBytes + nameBytes;
  const end = nameEnd + extraBytes + commentBytes;
  if (end > directory.length) throw damaged(source, "the directory is broken");
  // Without the flag for UTF-8, names are in the code page of some computer; letters and digits are the same in all.
  const name = new TextDecoder(flags & 0x800 ? "utf-8" : "latin1").decode(
    directory.subarray(at + recordBytes, nameEnd),
  );
  const [packed, size, start] = large(view, nameEnd, nameEnd + extraBytes, [
    view.getUint32(at + 20, true),
    view.getUint32(at + 24, true),
    view.getUint32(at + 42, true),
  ]);
  if (![packed, size, start].every(Number.isSafeInteger)) throw damaged(source, "a size is no number");
  const refuse = (why: string, hint: string): DataError =>
    new DataError({ what: `${source}: "${printable(name)}" ${why}`, hint });
  if (flags & 1) throw refuse("is encrypted", "unpack it by hand, with its password");
  if (method !== 0 && method !== 8)
    throw refuse(`is packed by method ${method}`, "known are stored and deflated files");
  // The upper half of the attributes is the mode of Unix, where the file was made there.
  const type = (view.getUint32(at + 38, true) >>> 28) & 15;
  if (type !== 0 && type !== 4 && type !== 8)
    throw refuse("is a link or a device, which is never unpacked", "unpack it by hand if you trust it");
  if (size > bestRatio * packed || (method === 0 && size !== packed))
    throw refuse(`would unpack from ${packed} bytes to ${size}`, "the file is damaged or hostile");
  return { record: { name, method, sum: view.getUint32(at + 16, true), packed, size, start }, end };
}

/** [packed, size, start], those of 0xffffffff from the extra field for large files. */
function large(view: DataView, from: number, to: number, small: [number, number, number]): [number, number, number] {
  if (!small.includes(0xffffffff)) return small;
  for (let at = from; at + 4 <= to; ) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    const end = Math.min(at + 4 + length, to);
    at += 4;
    if (id === 1) {
      // Size comes before packed in this field.
      const [packed, size, start] = small;
      const take = (value: number): number => {
        if (value !== 0xffffffff) return value;
        at += 8;
        return at <= end ? number64(view, at - 8) : Number.NaN;
      };
      const found = { size: take(size), packed: take(packed), start: take(start) };
      return [found.packed, found.size, found.start];
    }
    at = end;
  }
  return small;
}

/** The bytes of one file; they must be as many, and sum up to, what the directory says. */
async function* contentOf({ method, packed, size, start, sum }: Record, bytes: ByteSource, source: string): Chunks {
  const header = viewOf(await bytes.read(start, localBytes));
  if (header.getUint32(0, true) !== 0x04034b50) throw damaged(source, "the file's own header is missing");
  const from = start + localBytes + header.getUint16(26, true) + header.getUint16(28, true);
  if (from + packed > bytes.size) throw damaged(source, "the file lies outside");
  const stored = chunksOf(bytes, from, packed);
  let found = 0;
  let total = 0;
  for await (const chunk of method === 0 ? stored : inflated(stored, "deflate-raw", size, source)) {
    found = crc32(chunk, found);
    total += chunk.byteLength;
    yield chunk;
  }
  if (total !== size || found !== sum)
    throw new DataError({
      what: `${source}: it is damaged: ${total !== size ? `${total} bytes instead of ${size}` : "its checksum is wrong"}`,
      hint: "the file was changed on its way; fetch it again",
    });
}
