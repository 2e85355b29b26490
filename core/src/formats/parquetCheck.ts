// The readers of Parquet files that there are believe the counts inside of pages: a run of a billion values in three bytes is
// written out before anybody looks, which ends the process. So pages are walked here first (Apache Parquet's Encodings.md and
// parquet.thrift): headers must lie in their column, and every run and length in its page.

/** What is known of a column whose pages are walked. */
export interface CheckedColumn {
  readonly type: string;
  /** The greatest definition and repetition levels; 0 where there are none. */
  readonly definitions: number;
  readonly repetitions: number;
  readonly values: number;
  /** Bytes that all pages unpack to. */
  readonly unpackedBytes: number;
  /** Unpacks a page. */
  unpack(packed: Uint8Array, length: number): Uint8Array;
}

const pages = { data: 0, index: 1, dictionary: 2, data2: 3 } as const;
const encodings = {
  plainDictionary: 2,
  runs: 3,
  delta: 5,
  deltaLength: 6,
  deltaBytes: 7,
  runsDictionary: 8,
} as const;
/** The last group of a run may be filled up by so many values that do not count. */
const padding = 512;
/** Miniblocks of a block of differences: writers have 4. */
const mostMiniblocks = 1024;
/** Values of a block of differences: writers have 128. */
const largestBlock = 2 ** 20;

/** Goes through the directory at the end of a file: no list in it may claim more elements than bytes follow. */
export const checkDirectory = (bytes: Uint8Array): void => {
  readStruct(new Cursor(bytes));
};

/** Walks the pages of a column; throws an Error with what is wrong. */
export function checkPages(bytes: Uint8Array, column: CheckedColumn): void {
  const cursor = new Cursor(bytes);
  let [values, unpacked] = [0, 0];
  while (cursor.at < bytes.length - 1) {
    const header = readStruct(cursor);
    const [type, size, packedSize] = [fieldOf(header, 1), fieldOf(header, 2), fieldOf(header, 3)];
    if (!(size >= 0 && packedSize >= 0) || cursor.at + packedSize > bytes.length)
      throw new Error("a page lies outside of its column");
    unpacked += size;
    if (unpacked > column.unpackedBytes) throw new Error("its pages are larger than its directory says");
    const body = bytes.subarray(cursor.at, cursor.at + packedSize);
    cursor.at += packedSize;
    if (type === pages.dictionary) checkCount(fieldOf(structOf(header, 7), 1), size);
    if (type === pages.data) values += checkData(structOf(header, 5), column.unpack(body, size), column);
    if (type === pages.data2) values += checkData2(structOf(header, 8), body, size, column);
    if (values > column.values) throw new Error("its pages have more values than its directory says");
  }
}

const checkCount = (count: number, size: number): void => {
  // A dictionary has no run: each value takes a bit at least.
  if (!(count >= 0 && count <= 8 * size)) throw new Error(`a dictionary of ${count} values cannot be in ${size} bytes`);
};

/** A page in which levels and values are packed together. */
function checkData(header: Struct, page: Uint8Array, column: CheckedColumn): number {
  const count = valuesOf(header, column);
  const cursor = new Cursor(page);
  for (const most of [column.repetitions, column.definitions]) {
    if (most === 0) continue;
    const length = cursor.uint32();
    if (length > page.length - cursor.at) throw new Error("the levels of a page lie outside of it");
    checkRuns(new Cursor(page, cursor.at), bitsOf(most), count);
    cursor.at += length;
  }
  checkValues(cursor, fieldOf(header, 2), count, column);
  return count;
}

/** A page of which only the values are packed. */
function checkData2(header: Struct, body: Uint8Array, size: number, column: CheckedColumn): number {
  const count = valuesOf(header, column);
  const [nulls, rows, definitions, repetitions] = [2, 3, 5, 6].map((field) => fieldOf(header, field)) as [
    number,
    number,
    number,
    number,
  ]; // four
  const levels = definitions + repetitions;
  if (!(nulls >= 0 && nulls <= count && rows >= 0 && rows <= count))
    throw new Error("a page has more rows or gaps than values");
  if (!(definitions >= 0 && repetitions >= 0 && levels <= body.length && levels <= size))
    throw new Error("the levels of a page lie outside of it");
  if (column.repetitions > 0) checkRuns(new Cursor(body), bitsOf(column.repetitions), count);
  if (column.definitions > 0) checkRuns(new Cursor(body, repetitions), bitsOf(column.definitions), count);
  const packed = body.subarray(levels);
  // Field 7 says whether the values are packed; they are when it is missing.
  const values = header.get(7) === 0 ? packed : column.unpack(packed, size - levels);
  checkValues(new Cursor(values), fieldOf(header, 4), count, column);
  return count;
}

function valuesOf(header: Struct, column: CheckedColumn): number {
  const count = fieldOf(header, 1);
  if (!(count >= 0 && count <= column.values)) throw new Error("a page has more values than its directory says");
  return count;
}

function checkValues(cursor: Cursor, encoding: number, count: number, { type, unpackedBytes }: CheckedColumn): void {
  if (encoding === encodings.runs && type === "BOOLEAN") {
    cursor.uint32();
    checkRuns(cursor, 1, count);
  } else if (
    encoding === encodings.plainDictionary ||
    encoding === encodings.runsDictionary ||
    encoding === encodings.runs
  ) {
    if (count === 0 || cursor.left === 0) return;
    const width = cursor.byte();
    if (width > 32) throw new Error(`numbers of ${width} bits are no places in a dictionary`);
    if (width > 0) checkRuns(cursor, width, count);
  } else if (encoding === encodings.delta || encoding === encodings.deltaLength) {
    checkDeltaHeader(cursor);
  } else if (encoding === encodings.deltaBytes) {
    checkSharedPrefixes(cursor, count, unpackedBytes);
  }
}

const bitsOf = (most: number): number => 32 - Math.clz32(most);

/** Runs of equal values, and groups of eight packed ones, until there are `count`. */
function checkRuns(cursor: Cursor, width: number, count: number): void {
  for (let seen = 0; seen < count && cursor.left > 0; ) {
    const header = cursor.varint();
    const isPacked = (header & 1) === 1;
    const length = isPacked ? Math.floor(header / 2) * 8 : Math.floor(header / 2);
    if (length > count - seen + padding) throw new Error(`a run of ${length} values is longer than its page`);
    seen += length;
    cursor.at += isPacked ? (length / 8) * width : Math.ceil(width / 8);
  }
}

/** The sizes of the blocks of differences. */
function checkDeltaHeader(cursor: Cursor): { readonly block: number; readonly miniblocks: number } {
  const [block, miniblocks] = [cursor.varint(), cursor.varint()];
  cursor.varint();
  if (
    miniblocks < 1 ||
    miniblocks > mostMiniblocks ||
    block < 1 ||
    block > largestBlock ||
    block % (8 * miniblocks) !== 0
  )
    throw new Error(`differences in ${miniblocks} parts of a block of ${block} cannot be`);
  return { block, miniblocks };
}

/** Texts that begin like the one before: no beginning may be longer than that, nor all of them larger than allowed. */
function checkSharedPrefixes(cursor: Cursor, count: number, unpackedBytes: number): void {
  const [prefixes, suffixes] = [deltas(cursor, count), deltas(cursor, count)] as const;
  let [before, total] = [0, 0];
  for (let index = 0; index < count; index++) {
    const [prefix, suffix] = [prefixes[index]!, suffixes[index]!];
    if (prefix < 0 || suffix < 0 || prefix > before) throw new Error("a text begins like one that is shorter");
    before = prefix + suffix;
    total += before;
    // Far more than such pages ever save.
    if (total > 1000 * unpackedBytes + 2 ** 20) throw new Error("its texts are larger than its directory says");
  }
}

/** Whole numbers as differences, packed in blocks. */
function deltas(cursor: Cursor, count: number): Int32Array {
  const { block, miniblocks } = checkDeltaHeader(cursor);
  const out = new Int32Array(count);
  if (count === 0) return out;
  let value = cursor.zigzag();
  out[0] = value;
  for (let index = 1; index < count; ) {
    const least = cursor.zigzag();
    const widths = Array.from({ length: miniblocks }, () => cursor.byte());
    for (const width of widths) {
      if (index >= count) break;
      if (width > 32) throw new Error(`differences of ${width} bits cannot be`);
      const start = cursor.at;
      for (let place = 0; place < block / miniblocks && index < count; place++) {
        value = (value + least + cursor.bits(start, place * width, width)) | 0;
        out[index++] = value;
      }
      cursor.at = start + ((block / miniblocks) * width) / 8;
    }
  }
  return out;
}

/** Numbers of a structure by their fields; lists and texts are passed over. */
type Struct = ReadonlyMap<number, number | Struct>;

const fieldOf = (struct: Struct, field: number): number => {
  const value = struct.get(field);
  return typeof value === "number" ? value : Number.NaN;
};
const structOf = (struct: Struct, field: number): Struct => {
  const value = struct.get(field);
  if (value instanceof Map) return value;
  throw new Error("a page does not say what it holds");
};

/** Structures in structures are few in the headers of pages. */
const deepest = 8;

/** A structure of Thrift's compact protocol (thrift-compact-protocol.md). */
function readStruct(cursor: Cursor, depth = 0): Struct {
  if (depth > deepest) throw new Error("a page's header is nested too deeply");
  const struct = new Map<number, number | Struct>();
  let field = 0;
  for (;;) {
    const head = cursor.byte();
    const type = head & 15;
    if (type === 0) return struct;
    field = head >> 4 === 0 ? cursor.zigzag() : field + (head >> 4);
    const value = readValue(cursor, type, depth);
    if (value !== undefined) struct.set(field, value);
  }
}

function readValue(cursor: Cursor, type: number, depth: number): number | Struct | undefined {
  if (type === 1 || type === 2) return 2 - type; // true, false
  if (type === 3) return cursor.byte();
  if (type === 4 || type === 5) return cursor.zigzag();
  if (type === 6) cursor.passVarint();
  else if (type === 7) cursor.skip(8);
  else if (type === 8) cursor.skip(cursor.varint());
  else if (type === 9) {
    const head = cursor.byte();
    const count = head >> 4 === 15 ? cursor.varint() : head >> 4;
    const element = head & 15;
    for (let index = 0; index < count; index++)
      readValue(cursor, element === 1 || element === 2 ? 3 : element, depth + 1);
  } else if (type === 12) return readStruct(cursor, depth + 1);
  else throw new Error("a page's header is not understood");
  return undefined;
}

/** Reads bytes one after the other, and none beyond the last. */
class Cursor {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  byte(): number {
    const value = this.#bytes[this.at++];
    if (value === undefined) throw new Error("a page ends too early");
    return value;
  }

  skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.#bytes.length) throw new Error("a page ends too early");
  }

  uint32(): number {
    return this.byte() + this.byte() * 2 ** 8 + this.byte() * 2 ** 16 + this.byte() * 2 ** 24;
  }

  /** Seven bits a byte, the lowest first; of 32 bits at most. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new Error("a number has too many bytes");
  }

  passVarint(): void {
    for (let bytes = 0; bytes < 10; bytes++) if (this.byte() < 128) return;
    throw new Error("a number has too many bytes");
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A number of `width` bits, `offset` bits behind the byte `start`; the lowest bits come first. */
  bits(start: number, offset: number, width: number): number {
    let value = 0;
    for (let bit = 0; bit < width; bit++) {
      const place = offset + bit;
      const byte = this.#bytes[start + (place >> 3)];
      if (byte === undefined) throw new Error("a page ends too early");
      if ((byte >> (place & 7)) & 1) value += 2 ** bit;
    }
    return value;
  }
}
