import { DataError } from "../../base/errors.ts";
import { type ArchiveEntry, type ArchiveOptions, budget, entryPath } from "./entry.ts";
import type { Chunks } from "./inflate.ts";

// The format: POSIX.1-2001 (pax), "ustar" and GNU's long names: blocks of 512 bytes, a header before each file.

const blockBytes = 512;
/** Long names and pax records are small; more is no name. */
const longestRecord = 2 ** 20;

/** The files and folders of a tar file, as its bytes come. Links, devices and damaged headers are refused. */
export async function* tarEntries(
  chunks: Chunks,
  source: string,
  options: ArchiveOptions = {},
): AsyncGenerator<ArchiveEntry> {
  const bytes = new Reader(chunks, source);
  const count = budget(source, options);
  try {
    let next: Extended = {};
    for (;;) {
      const block = await bytes.take(blockBytes, true);
      // Two empty blocks end the file; many programs write one, and some none.
      if (block === undefined || block.every((byte) => byte === 0)) return;
      const header = readHeader(block, source);
      const size = next.size ?? header.size;
      if (!Number.isSafeInteger(size) || size < 0) throw damaged(source, "a size is no number");
      const padding = (blockBytes - (size % blockBytes)) % blockBytes;
      const kind = kinds[header.type];
      if (kind === "longName" || kind === "pax" || kind === "globalPax" || kind === "longLink") {
        count(0);
        if (size > longestRecord) throw damaged(source, `a name would have ${size} bytes`);
        const record = (await bytes.take(size))!;
        await bytes.skip(padding);
        if (kind === "longName") next = { ...next, name: textOf(record) };
        if (kind === "pax") next = { ...next, ...readPax(record, source) };
        continue;
      }
      const name = entryPath(next.name ?? header.name, source);
      if (kind === undefined) throw refused(source, name, header.type);
      next = {};
      count(size);
      if (name === "") {
        await bytes.skip(size + padding);
        continue;
      }
      const body = bytes.pieces(size);
      yield { name, kind: header.name.endsWith("/") ? "folder" : kind, size, chunks: () => body };
      // What was not read is passed over.
      await bytes.skip(bytes.left + padding);
    }
  } finally {
    await bytes.close();
  }
}

type Kind = "file" | "folder" | "longName" | "longLink" | "pax" | "globalPax";

/** What the type of a header says. A plain NUL is a file of old, "7" a contiguous one. */
const kinds: Readonly<Record<string, Kind>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  "5": "folder",
  L: "longName",
  K: "longLink",
  x: "pax",
  g: "globalPax",
};
const otherKinds: Readonly<Record<string, string>> = {
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a device",
  "4": "a device",
  "6": "a pipe",
};

interface Header {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}
/** What records before a header say instead of it. */
type Extended = Partial<Pick<Header, "name" | "size">>;

function readHeader(block: Uint8Array, source: string): Header {
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (sum !== numberOf(block.subarray(148, 156))) throw damaged(source, "a header's checksum is wrong");
  const name = textOf(block.subarray(0, 100));
  const prefix = textOf(block.subarray(257, 262)) === "ustar" ? textOf(block.subarray(345, 500)) : "";
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    size: numberOf(block.subarray(124, 136)),
    type: String.fromCharCode(block[156]!),
  };
}

/** Text up to the first NUL. */
const textOf = (field: Uint8Array): string => {
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
};

/** An octal number in digits or, with the first bit set, a binary one (GNU); NaN when it is neither. */
function numberOf(field: Uint8Array): number {
  if (field[0]! & 0x80) return field.reduce((value, byte, at) => value * 256 + (at === 0 ? byte & 0x7f : byte), 0);
  const digits = textOf(field).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || "0", 8) : Number.NaN;
}

/** Records of "length key=value\n", of which path and size matter. */
function readPax(record: Uint8Array, source: string): Extended {
  let found: Extended = {};
  for (let start = 0; start < record.length; ) {
    const space = record.indexOf(32, start);
    const length = space < 0 ? Number.NaN : Number(new TextDecoder().decode(record.subarray(start, space)));
    const end = start + length;
    if (!(Number.isSafeInteger(length) && length > space - start + 1 && end <= record.length))
      throw damaged(source, "a pax record's length is wrong");
    const text = new TextDecoder().decode(record.subarray(space + 1, end - 1));
    const equals = text.indexOf("=");
    const [key, value] = [text.slice(0, equals), text.slice(equals + 1)];
    if (key === "path") found = { ...found, name: value };
    if (key === "size") found = { ...found, size: /^\d+$/.test(value) ? Number(value) : Number.NaN };
    start = end;
  }
  return found;
}

const damaged = (source: string, why: string): DataError =>
  new DataError({ what: `${source}: no readable tar file: ${why}`, hint: "the file is damaged, or is no tar file" });

const refused = (source: string, name: string, type: string): DataError =>
  new DataError({
    what: `${source}: "${name}" is ${otherKinds[type] ?? "of an unknown kind"}, which is never unpacked`,
    hint: "archives of data hold files and folders; unpack it by hand if you trust it",
  });

/** Reads pieces of any size off chunks of any size. */
class Reader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #source: string;
  #held: Uint8Array = new Uint8Array(0);
  /** Bytes that are still to come of what `pieces` was asked for last. */
  left = 0;

  constructor(chunks: Chunks, source: string) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#source = source;
  }

  /** Up to `limit` bytes, at least one; undefined at the end. */
  async #some(limit: number): Promise<Uint8Array | undefined> {
    while (this.#held.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) return undefined;
      this.#held = value;
    }
    const piece = this.#held.subarray(0, limit);
    this.#held = this.#held.subarray(piece.length);
    return piece;
  }

  /** Exactly `length` bytes; undefined where the file may end and does. */
  async take(length: number, mayEnd = false): Promise<Uint8Array | undefined> {
    const whole = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const piece = await this.#some(length - done);
      if (piece === undefined) {
        if (mayEnd && done === 0) return undefined;
        throw damaged(this.#source, "it ends in the middle of a file");
      }
      whole.set(piece, done);
      done += piece.length;
    }
    return whole;
  }

  /** The next `length` bytes; whoever stops early leaves `left`. */
  pieces(length: number): AsyncGenerator<Uint8Array> {
    this.left = length;
    return this.#pieces();
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    while (this.left > 0) {
      const piece = await this.#some(this.left);
      if (piece === undefined) throw damaged(this.#source, "it ends in the middle of a file");
      this.left -= piece.length;
      yield piece;
    }
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.pieces(length));
  }

  /** Lets go of what the chunks come from. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
