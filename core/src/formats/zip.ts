import { crc32 } from "../base/crc32c.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { memoryLimit } from "./archive/entry.ts";
import { archiveEntries, entryBytes } from "./archive/index.ts";
import { bytesSource } from "./byteSource.ts";
import { isZip } from "./signatures.ts";

// Zip archives in memory: members by name, and written without packing (PKWARE's APPNOTE 6.3.10).

export interface ZipMember {
  /** Bytes when unpacked. */
  readonly size: number;
  /** The unpacked bytes, checked against their sum. */
  read(): Promise<Uint8Array>;
}

const endBytes = 22;
const entryBytesInDirectory = 46;
const localBytes = 30;

/** The members of an archive by name; nothing is unpacked yet. `limitBytes` bounds what they unpack to, all together. */
export async function openZip(
  file: Uint8Array,
  source = "the archive",
  limitBytes = memoryLimit(file.byteLength),
): Promise<ReadonlyMap<string, ZipMember>> {
  if (!isZip(file)) throw new DataError({ what: `${source}: it is no zip archive`, hint: "the file is damaged" });
  const members = new Map<string, ZipMember>();
  for await (const entry of archiveEntries(bytesSource(file), source, { limitBytes }))
    if (entry.kind === "file") members.set(entry.name, { size: entry.size, read: () => entryBytes(entry) });
  return members;
}

/** An archive of these members, stored as they are, in their order. Equal members give equal bytes: no times are kept. */
export function encodeZip(members: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts = [...members].map(([name, bytes]) => ({
    name: new TextEncoder().encode(name),
    bytes,
    sum: crc32(bytes),
  }));
  const total = parts.reduce(
    (all, { name, bytes }) => all + localBytes + entryBytesInDirectory + 2 * name.length + bytes.length,
    endBytes,
  );
  if (total >= 0xffff_ffff) throw new ArgumentError("zip: archives of more than 4 GB are not written");
  const file = new Uint8Array(total);
  const view = new DataView(file.buffer);
  /** What local header and directory have in common, from the version on. */
  const describe = (at: number, { name, bytes, sum }: (typeof parts)[number]): void => {
    view.setUint16(at, 20, true);
    view.setUint16(at + 2, 0x0800, true); // names in UTF-8
    view.setUint32(at + 6, 0x0021_0000, true); // the format's first day
    view.setUint32(at + 10, sum, true);
    view.setUint32(at + 14, bytes.length, true);
    view.setUint32(at + 18, bytes.length, true);
    view.setUint16(at + 22, name.length, true);
  };
  let at = 0;
  const places = parts.map((part) => {
    const place = at;
    view.setUint32(at, 0x04034b50, true);
    describe(at + 4, part);
    file.set(part.name, at + localBytes);
    file.set(part.bytes, at + localBytes + part.name.length);
    at += localBytes + part.name.length + part.bytes.length;
    return place;
  });
  const directory = at;
  parts.forEach((part, index) => {
    view.setUint32(at, 0x02014b50, true);
    view.setUint16(at + 4, 20, true);
    describe(at + 6, part);
    view.setUint32(at + 42, places[index]!, true);
    file.set(part.name, at + entryBytesInDirectory);
    at += entryBytesInDirectory + part.name.length;
  });
  view.setUint32(at, 0x06054b50, true);
  view.setUint16(at + 8, parts.length, true);
  view.setUint16(at + 10, parts.length, true);
  view.setUint32(at + 12, at - directory, true);
  view.setUint32(at + 16, directory, true);
  return file;
}
