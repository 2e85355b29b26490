import { ArgumentError, DataError } from "../base/errors.ts";
import { builtin } from "../base/host.ts";
import type { ByteSource } from "./byteSource.ts";
import { lz4Unpack } from "./lz4.ts";
import { type CheckedColumn, checkDirectory, checkPages } from "./parquetCheck.ts";
import { snappyUnpack } from "./snappy.ts";
import { zstdUnpack } from "./zstd/unpack.ts";

/** The values of one column, as many as rows: typed arrays where the file has plain numbers. */
export type ParquetValues = ArrayLike<unknown>;

/** A Parquet file of which rows are read when they are wanted. */
export interface OpenParquet {
  /** Names of the columns, at the top of nested ones. */
  readonly columns: readonly string[];
  /** What the numbers of a column are, where they are numbers and nothing else; lists have the type of their values. */
  readonly numbers: ReadonlyMap<string, "whole" | "float" | "boolean">;
  /** Columns in which values may be missing. */
  readonly gaps: ReadonlySet<string>;
  readonly rows: number;
  /** Rows of each group: what is read at once. */
  readonly groups: readonly number[];
  /** Some columns (default: all) of a group. */
  read(group: number, columns?: readonly string[]): Promise<ReadonlyMap<string, ParquetValues>>;
}

/** The parts of the package `hyparquet` that are used. */
interface HyParquet {
  parquetMetadataAsync(file: AsyncBuffer): Promise<Metadata>;
  parquetRead(options: {
    readonly file: AsyncBuffer;
    readonly metadata: Metadata;
    readonly columns: string[];
    readonly rowStart: number;
    readonly rowEnd: number;
    readonly compressors: Compressors;
    /** Whether bytes are taken for texts that are not said to be. */
    readonly utf8: boolean;
    onChunk(chunk: {
      readonly columnName: string;
      readonly columnData: ParquetValues;
      readonly rowStart: number;
    }): void;
  }): Promise<void>;
}
interface AsyncBuffer {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}
type Compressors = Readonly<Record<string, (packed: Uint8Array, length: number) => Uint8Array>>;
interface Metadata {
  readonly schema: readonly SchemaElement[];
  readonly num_rows: bigint;
  readonly row_groups: readonly {
    readonly num_rows: bigint;
    readonly columns: readonly { readonly meta_data?: ColumnMetadata }[];
  }[];
}
interface SchemaElement {
  readonly name: string;
  readonly num_children?: number;
  readonly repetition_type?: string;
  readonly type?: string;
  /** What bare numbers mean: a time, a fraction of ten, … */
  readonly converted_type?: string;
  readonly logical_type?: { readonly type: string };
}
interface ColumnMetadata {
  readonly type: string;
  readonly codec: string;
  readonly path_in_schema: readonly string[];
  readonly num_values: bigint;
  readonly total_uncompressed_size: bigint;
  readonly total_compressed_size: bigint;
  readonly data_page_offset: bigint;
  readonly dictionary_page_offset?: bigint;
  readonly statistics?: { readonly null_count?: bigint };
}

async function hyparquet(): Promise<HyParquet> {
  // Not a literal, so that bundlers leave the optional package alone.
  const specifier = "hyparquet";
  try {
    return (await import(/* @vite-ignore */ specifier)) as HyParquet; // the package's documented interface
  } catch {
    throw new ArgumentError({
      what: "parquet: the package hyparquet, which reads Parquet files, is missing",
      hint: "npm install hyparquet",
    });
  }
}

export interface ParquetOptions {
  /** Bytes that one group of rows may have when unpacked. Default 4 GiB. */
  readonly limitBytes?: number | undefined;
}

const usualLimit = 4 * 2 ** 30;
/** Runs of equal values take no room, so a small file can claim any number of them: so many in a group are believed, … */
const freeValues = 2 ** 20;
/** … and so many more for each packed byte. */
const mostValuesPerByte = 64;
const bytesPerValue = 8;

/** Opens a Parquet file: its directory is read and checked, its rows are not. Needs the package `hyparquet`. */
export async function openParquet(
  bytes: ByteSource,
  source = "the file",
  { limitBytes: allowed }: ParquetOptions = {},
): Promise<OpenParquet> {
  const limitBytes = allowed ?? usualLimit;
  const library = await hyparquet();
  const file: AsyncBuffer = {
    byteLength: bytes.size,
    slice: async (start, end = bytes.size) => {
      if (!(start >= 0 && start <= end && end <= bytes.size)) throw new Error("a part lies outside of the file");
      // A copy: what is read may be a part of something larger.
      return (await bytes.read(start, end - start)).slice().buffer as ArrayBuffer; // slice makes plain memory
    },
  };
  // The library makes room for as many elements as a list claims to have.
  await guarded(source, async () => checkDirectory(await directoryOf(bytes)));
  const metadata = await guarded(source, () => library.parquetMetadataAsync(file));
  const groups = await guarded(source, async () => checkGroups(metadata, bytes.size, limitBytes, allowed));
  const starts = groups.map((_, group) => groups.slice(0, group).reduce((sum, rows) => sum + rows, 0));
  const numbers = topColumns(metadata);
  const columns = [...numbers.keys()];
  const texts = textsIn(metadata);
  return {
    columns,
    numbers: new Map(
      Array.from(numbers).flatMap(([name, kind]) => (kind === undefined ? [] : [[name, kind] as const])),
    ),
    gaps: gapsIn(metadata),
    rows: groups.reduce((sum, rows) => sum + rows, 0),
    groups,
    read: async (group, wanted = columns) => {
      const rowStart = starts[group];
      const rows = groups[group];
      if (rowStart === undefined || rows === undefined)
        throw new ArgumentError(`${source}: there is no group ${group} of rows, only ${groups.length}`);
      const missing = wanted.find((name) => !columns.includes(name));
      if (missing !== undefined) {
        throw new ArgumentError({
          what: `${source}: there is no column "${missing}"`,
          details: [{ role: "columns", value: columns.join(", ") }],
        });
      }
      const unpackers = compressors(limitBytes);
      await guarded(source, async () => {
        for (const { meta_data: column } of metadata.row_groups[group]!.columns) {
          if (column === undefined || !wanted.includes(column.path_in_schema[0]!)) continue;
          const { start, length } = placeOf(column);
          checkPages(await bytes.read(start, length), checkedOf(column, metadata, unpackers));
        }
      });
      const pieces = new Map<string, { readonly at: number; readonly values: ParquetValues }[]>();
      for (const name of wanted) pieces.set(name, []);
      await guarded(source, () =>
        library.parquetRead({
          file,
          metadata,
          columns: [...wanted],
          rowStart,
          rowEnd: rowStart + rows,
          compressors: unpackers,
          utf8: false,
          onChunk: ({ columnName, columnData, rowStart: at }) =>
            void pieces.get(columnName)?.push({ at: at - rowStart, values: columnData }),
        }),
      );
      return new Map(
        Array.from(pieces, ([name, parts]) => {
          const where = `${source}: column "${name}"`;
          const values = joined(parts, rows, where);
          return [name, texts.has(name) ? asTexts(values, where) : values];
        }),
      );
    },
  };
}

/** Whatever the library finds wrong with a file is wrong with the file. */
async function guarded<T>(source: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError({
      what: `${source}: no readable Parquet file: ${error instanceof Error ? error.message : String(error)}`,
      hint: "the file is damaged, or is no Parquet file",
    });
  }
}

/** The directory, whose length stands before the last four letters of the file. */
async function directoryOf(bytes: ByteSource): Promise<Uint8Array> {
  const tail = await bytes.read(Math.max(0, bytes.size - tailBytes), Math.min(tailBytes, bytes.size));
  const length = tail.length < tailBytes ? 0 : new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (length === 0 || length + tailBytes > bytes.size) throw new Error("its directory does not lie in the file");
  return bytes.read(bytes.size - tailBytes - length, length);
}
const tailBytes = 8;

/** Rows of each group; what the directory claims must be possible in a file of this size. */
function checkGroups(
  { row_groups, num_rows }: Metadata,
  size: number,
  limitBytes: number,
  allowed: number | undefined,
): number[] {
  const groups = row_groups.map((group) => {
    const rows = Number(group.num_rows);
    let unpacked = 0;
    let allValues = 0;
    let allPacked = 0;
    for (const { meta_data: column } of group.columns) {
      if (column === undefined) throw new Error("the data of a column lies in another file");
      const [values, packed, claimed] = [
        column.num_values,
        column.total_compressed_size,
        column.total_uncompressed_size,
      ].map(Number) as [number, number, number]; // three
      const { start } = placeOf(column);
      unpacked += claimed;
      if (![values, packed, claimed, start].every((number) => Number.isSafeInteger(number) && number >= 0))
        throw new Error("a size in its directory is no size");
      if (start + packed > size) throw new Error("a column lies outside of the file");
      allValues += Math.max(values, rows);
      allPacked += packed;
    }
    if (!Number.isSafeInteger(rows) || rows < 0) throw new Error("a number of rows in its directory is none");
    const believed = Math.max(
      freeValues + Math.min(allPacked, size) * mostValuesPerByte,
      (allowed ?? 0) / bytesPerValue,
    );
    if (allValues > believed)
      throw new Error(`${allValues} values in ${allPacked} bytes are believed only where limitBytes allows for them`);
    if (unpacked > limitBytes || rows > limitBytes)
      throw new Error(
        `a group of rows would unpack to ${Math.max(unpacked, rows)} bytes, more than limitBytes = ${limitBytes}`,
      );
    return rows;
  });
  if (groups.reduce((sum, rows) => sum + rows, 0) !== Number(num_rows))
    throw new Error("its groups have other rows than the whole");
  return groups;
}

type NumberKind = "whole" | "float" | "boolean";

/**
 * Names at the top, and what numbers they hold: the schema is a tree written as a list, each element with the number of its
 * children.
 */
function topColumns({ schema }: Metadata): Map<string, NumberKind | undefined> {
  const found = new Map<string, NumberKind | undefined>();
  let at = 1;
  /** Goes past an element and what is in it; the kind of the values that it ends in, if there is one. */
  const pass = (): NumberKind | undefined => {
    const element = schema[at++];
    if (element === undefined) return undefined;
    const children = element.num_children ?? 0;
    if (children === 0) return numberKind(element);
    const kinds: (NumberKind | undefined)[] = [];
    for (let left = children; left > 0 && at < schema.length; left--) kinds.push(pass());
    return kinds.length === 1 ? kinds[0] : undefined;
  };
  for (let left = schema[0]?.num_children ?? 0; left > 0 && at < schema.length; left--) {
    const { name } = schema[at]!; // at is inside
    found.set(name, pass());
  }
  return found;
}

/** Names at the top in which something may be missing: where no statistics say that nothing is. */
function gapsIn({ schema, row_groups }: Metadata): Set<string> {
  const found = new Set<string>();
  for (const { columns } of row_groups)
    for (const { meta_data: column } of columns)
      if (column !== undefined && Number(column.statistics?.null_count ?? 1) > 0) found.add(column.path_in_schema[0]!);
  for (const { name, repetition_type } of schema) if (repetition_type === "REQUIRED") found.delete(name);
  return found;
}

/** Names at the top whose values are bytes of any number. */
const textsIn = ({ row_groups }: Metadata): Set<string> =>
  new Set(
    row_groups.flatMap(({ columns }) =>
      columns.flatMap(({ meta_data: column }) =>
        column?.type === "BYTE_ARRAY" && column.path_in_schema.length === 1 ? [column.path_in_schema[0]!] : [],
      ),
    ),
  );

/** Old writers do not say that bytes are texts; they are, where they are UTF-8. */
function asTexts(values: ParquetValues, where: string): ParquetValues {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return Array.from(values, (value, row) => {
    if (!(value instanceof Uint8Array)) return value;
    try {
      return decoder.decode(value);
    } catch {
      throw new DataError({
        what: `${where}: row ${row} holds bytes, which are no text`,
        hint: "leave the column out: { columns: [ … ] }",
      });
    }
  });
}

function numberKind({ type, converted_type, logical_type }: SchemaElement): NumberKind | undefined {
  const isInteger = /^U?INT_/.test(converted_type ?? "INT_") && (logical_type?.type ?? "INTEGER") === "INTEGER";
  if (type === "BOOLEAN") return "boolean";
  if (type === "FLOAT" || type === "DOUBLE") return "float";
  return (type === "INT32" || type === "INT64") && isInteger ? "whole" : undefined;
}

/** One list of all pieces of a column, in the order of rows. */
function joined(
  pieces: readonly { readonly at: number; readonly values: ParquetValues }[],
  rows: number,
  source: string,
): ParquetValues {
  const sorted = pieces.toSorted((a, b) => a.at - b.at);
  const count = sorted.reduce((sum, { values }) => sum + values.length, 0);
  if (count !== rows)
    throw new DataError({ what: `${source}: it has ${count} values for ${rows} rows`, hint: "the file is damaged" });
  if (sorted.length === 1) return sorted[0]!.values;
  return sorted.flatMap(({ values }) => Array.from(values));
}

interface Zlib {
  gunzipSync(packed: Uint8Array, options: object): Uint8Array;
  brotliDecompressSync(packed: Uint8Array, options: object): Uint8Array;
  zstdDecompressSync?(packed: Uint8Array, options: object): Uint8Array;
}

/**
 * How pages are unpacked: by Node where it can, else by us (Snappy, because damaged lengths lead hyparquet's around in circles).
 * "LZ4" alone is Hadoop's way of cutting pages into blocks of LZ4, which nobody writes any more.
 */
function compressors(limitBytes: number): Compressors {
  const zlib = builtin<Zlib>("node:zlib");
  const bounded = (length: number): object => ({ maxOutputLength: Math.min(Math.max(1, length), limitBytes) });
  const ours: Compressors = { SNAPPY: snappyUnpack, LZ4_RAW: lz4Unpack, ZSTD: zstdUnpack };
  if (zlib === undefined) return ours;
  return {
    ...ours,
    GZIP: (packed, length) => zlib.gunzipSync(packed, bounded(length)),
    BROTLI: (packed, length) => zlib.brotliDecompressSync(packed, bounded(length)),
    ...(zlib.zstdDecompressSync === undefined
      ? {}
      : { ZSTD: (packed, length) => zlib.zstdDecompressSync!(packed, bounded(length)) }),
  };
}

/** Where the pages of a column lie, as hyparquet takes it; some writers say 0 where there is no dictionary. */
function placeOf(column: ColumnMetadata): { readonly start: number; readonly length: number } {
  const start = Number(column.dictionary_page_offset || column.data_page_offset);
  return { start, length: Number(column.total_compressed_size) };
}

/** What the pages of a column are checked against. */
function checkedOf(column: ColumnMetadata, { schema }: Metadata, unpackers: Compressors): CheckedColumn {
  let [at, definitions, repetitions] = [1, 0, 0];
  for (const name of column.path_in_schema) {
    while (schema[at] !== undefined && schema[at]!.name !== name) at = after(schema, at);
    const element = schema[at];
    if (element === undefined) throw new Error(`the column "${column.path_in_schema.join(".")}" is not in its schema`);
    if (element.repetition_type === "OPTIONAL" || element.repetition_type === "REPEATED") definitions++;
    if (element.repetition_type === "REPEATED") repetitions++;
    at++;
  }
  return {
    type: column.type,
    definitions,
    repetitions,
    values: Number(column.num_values),
    unpackedBytes: Number(column.total_uncompressed_size),
    unpack: (packed, length) => {
      if (column.codec === "UNCOMPRESSED") return packed;
      const unpack = unpackers[column.codec];
      if (unpack === undefined) throw new Error(`pages packed by ${column.codec} cannot be unpacked here`);
      return unpack(packed, length);
    },
  };
}

/** The place in the schema behind an element and all that is in it. */
function after(schema: readonly SchemaElement[], at: number): number {
  let next = at + 1;
  for (let left = schema[at]?.num_children ?? 0; left > 0 && next < schema.length; left--) next = after(schema, next);
  return next;
}
