import { ArgumentError, DataError } from "../base/errors.ts";
import {
  type BlobLike,
  type ByteSource,
  blobSource,
  bytesSource,
  type OpenParquet,
  openFile,
  openParquet,
  type ParquetValues,
} from "../formats/index.ts";
import { Dataset } from "./dataset.ts";
import { NdArray } from "./ndarray.ts";

/** What a column becomes: an array, or a list of texts. */
export type ColumnKind = "f32" | "i32" | "u8" | "string";

/** Which columns are read: some names, or what each becomes. Default: all, as the file has them. */
export type ParquetColumns = readonly string[] | Readonly<Record<string, ColumnKind>>;

/** Rows of a Parquet file: a list or an array a column. */
export type ParquetBatch<C> =
  C extends Readonly<Record<string, ColumnKind>>
    ? { readonly [K in keyof C]: C[K] extends "string" ? readonly string[] : NdArray }
    : Readonly<Record<string, NdArray | readonly string[]>>;

export interface ParquetDatasetOptions<C extends ParquetColumns> {
  readonly columns?: C | undefined;
  /** Rows a batch; null for the groups of the file, as they are read. Default 32. */
  readonly batchSize?: number | null | undefined;
  /** What stands for numbers that are missing, such as NaN. Default: they are an error. */
  readonly missing?: number | undefined;
  /** Bytes that one group of rows may have when unpacked. Default 4 GiB. */
  readonly limitBytes?: number | undefined;
}

/** A data set of rows that knows its file. */
export type ParquetDataset<C> = Dataset<ParquetBatch<C>> & {
  /** All columns of the file. */
  readonly columnNames: readonly string[];
  readonly rows: number;
};

/**
 * Batches of the rows of a Parquet file, read a group of rows at a time, and only the columns that are asked for. Needs the
 * package `hyparquet`.
 */
export async function parquetDataset<const C extends ParquetColumns = readonly string[]>(
  from: string | BlobLike | Uint8Array,
  { columns, batchSize = 32, missing, limitBytes }: ParquetDatasetOptions<C> = {},
): Promise<ParquetDataset<C>> {
  const source = typeof from === "string" ? from : "parquet";
  const open = (): Promise<ByteSource> =>
    typeof from === "string"
      ? openFile(from)
      : Promise.resolve(from instanceof Uint8Array ? bytesSource(from) : blobSource(from));
  const parquet = await using(open, (bytes) => openParquet(bytes, source, { limitBytes }));
  const kinds = kindsOf(columns ?? parquet.columns, parquet, missing, source);

  async function* groups(): AsyncGenerator<ParquetBatch<C>> {
    const bytes = await open();
    try {
      // Opened anew, for the bytes of this pass.
      const file = await openParquet(bytes, source, { limitBytes });
      for (const group of file.groups.keys()) {
        const values = await file.read(group, [...kinds.keys()]);
        const entries = Array.from(values, ([name, column]) => [
          name,
          converted(column, kinds.get(name), missing, `${source}: column "${name}"`),
        ]);
        yield Object.fromEntries(entries) as ParquetBatch<C>; // of the kinds that were asked for
      }
    } finally {
      await bytes.close();
    }
  }
  const whole = Dataset.fromGenerator(groups, { cardinality: parquet.groups.length, name: "parquet" });
  const known = { columnNames: parquet.columns, rows: parquet.rows };
  if (batchSize === null) return Object.assign(whole, known);
  const batched = whole.rebatch(batchSize);
  const counted = Dataset.fromGenerator((pass) => batched.iterate(pass), {
    cardinality: Math.ceil(parquet.rows / batchSize),
    name: "parquet",
  });
  // Batches of rows are what groups of rows are.
  return Object.assign(counted as unknown as Dataset<ParquetBatch<C>>, known);
}

async function using<T>(open: () => Promise<ByteSource>, work: (bytes: ByteSource) => Promise<T>): Promise<T> {
  const bytes = await open();
  try {
    return await work(bytes);
  } finally {
    await bytes.close();
  }
}

/** What a column becomes that nobody has said anything of. */
const usualKinds = { whole: "i32", float: "f32", boolean: "u8" } as const satisfies Readonly<
  Record<string, ColumnKind>
>;

function kindsOf(
  wanted: ParquetColumns,
  { columns: all, numbers, gaps }: OpenParquet,
  missing: number | undefined,
  source: string,
): Map<string, ColumnKind | undefined> {
  const kinds = new Map<string, ColumnKind | undefined>();
  // Array.isArray does not tell read-only lists from records.
  if (Array.isArray(wanted)) {
    for (const name of wanted as readonly string[]) {
      const kind = numbers.get(name);
      // What stands for missing numbers may be none that is whole, as NaN.
      const isReal = gaps.has(name) && missing !== undefined && !Number.isInteger(missing);
      kinds.set(name, kind && (isReal ? "f32" : usualKinds[kind]));
    }
  } else
    for (const [name, kind] of Object.entries(wanted as Readonly<Record<string, ColumnKind>>)) kinds.set(name, kind);
  for (const name of kinds.keys()) {
    if (all.includes(name)) continue;
    throw new ArgumentError({
      what: `${source}: there is no column "${name}"`,
      details: [{ role: "columns", value: all.join(", ") }],
    });
  }
  return kinds;
}

/** A column as an array or a list of texts; without a kind, what its values are decides. */
function converted(
  values: ParquetValues,
  kind: ColumnKind | undefined,
  missing: number | undefined,
  source: string,
): NdArray | readonly string[] {
  if (kind === "string") return texts(values, source);
  // Plain numbers, as most columns are, need not be looked at one by one.
  if (values instanceof Float32Array && kind !== "i32" && kind !== "u8") return new NdArray(values);
  if (values instanceof Int32Array && (kind === "i32" || kind === undefined)) return new NdArray(values);
  // Of other columns the values tell: texts, times, or numbers that stand for something.
  const first = Array.prototype.find.call(values, (value: unknown) => value !== null && value !== undefined);
  if (kind === undefined && (typeof first === "string" || first instanceof Date)) return texts(values, source);
  if (Array.isArray(first) || (ArrayBuffer.isView(first) && !(first instanceof DataView)))
    return rowsOf(values as ArrayLike<ArrayLike<unknown>>, kind, missing, source);
  return new NdArray(numbers(values, kind ?? "f32", missing, source));
}

const isNumeric = (value: unknown): boolean => ["number", "bigint", "boolean"].includes(typeof value);

/** Records and lists as JSON, which bigints are not. */
const shown = (value: unknown): string =>
  (
    JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part)) ?? String(value)
  ).slice(0, 80);

const ranges = { i32: [-2147483648, 2147483647], u8: [0, 255] } as const;

function numbers(
  values: ParquetValues,
  kind: "f32" | "i32" | "u8",
  missing: number | undefined,
  source: string,
): NdArray["data"] {
  const out =
    kind === "f32"
      ? new Float32Array(values.length)
      : kind === "i32"
        ? new Int32Array(values.length)
        : new Uint8Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    const isMissing = value === null || value === undefined;
    const number = isMissing ? missing : isNumeric(value) ? Number(value) : undefined;
    if (number === undefined) {
      throw new DataError({
        what: `${source}: row ${row} ${isMissing ? "is missing" : `holds ${shown(value)}, which is no number`}`,
        hint: isMissing
          ? "say what stands for it: { missing: NaN }"
          : typeof value === "string"
            ? 'read it as { columns: { …: "string" } }'
            : "records and lists of lists are no columns here; name the others: { columns: [ … ] }",
      });
    }
    if (kind !== "f32" && !(Number.isInteger(number) && number >= ranges[kind][0] && number <= ranges[kind][1])) {
      throw new DataError({
        what: `${source}: row ${row} holds ${value}, which is no ${kind}`,
        hint: 'read it as { columns: { …: "f32" } }',
      });
    }
    out[row] = number;
  }
  return out;
}

function texts(values: ParquetValues, source: string): string[] {
  return Array.from(values, (value, row) => {
    if (typeof value === "string") return value;
    if (value instanceof Date) return value.toISOString();
    if (value === null || value === undefined) return "";
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
    throw new DataError({
      what: `${source}: row ${row} holds ${value instanceof Uint8Array ? "bytes that are no text" : shown(value)}, which is no text`,
      hint: "leave the column out: { columns: [ … ] }",
    });
  });
}

/** Lists of one length, as rows of an array. */
function rowsOf(
  values: ArrayLike<ArrayLike<unknown>>,
  kind: Exclude<ColumnKind, "string"> | undefined,
  missing: number | undefined,
  source: string,
): NdArray {
  const lists = Array.from(values);
  const length = lists[0]?.length ?? 0;
  const odd = lists.findIndex((list) => list?.length !== length);
  if (odd !== -1) {
    throw new DataError({
      what: `${source}: row ${odd} has ${lists[odd]?.length ?? "no"} values, row 0 has ${length}`,
      hint: "lists of different lengths are no array; leave the column out",
    });
  }
  const flat = lists.flatMap((list) => Array.from(list));
  return new NdArray(numbers(flat, kind ?? "f32", missing, source), [lists.length, length]);
}
