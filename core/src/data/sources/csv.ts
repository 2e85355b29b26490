import { ArgumentError, DataError } from "../../base/errors.ts";
import { Dataset } from "../dataset.ts";
import { fromLists } from "../stages/lists.ts";
import { type ColumnType, cellReader, inferTypes, missing, type ValueOf } from "./csvCells.ts";
import { type FileInput, listed, nameOf } from "./input.ts";
import { textOf } from "./lines.ts";

/** The part of the package `csv-parse` that is used. */
interface CsvParser {
  parse(text: string, options: object): string[][];
}

async function parser(): Promise<CsvParser> {
  // Not a literal, so that bundlers leave the optional package alone.
  const specifier = "csv-parse/sync";
  try {
    return (await import(/* @vite-ignore */ specifier)) as CsvParser; // the package's documented interface
  } catch {
    throw new ArgumentError({
      what: "csvDataset: the package csv-parse, which reads such files, is missing",
      hint: "npm install csv-parse",
    });
  }
}

export type Columns = { readonly [name: string]: ColumnType };

export interface CsvOptions<C extends Columns = Columns> {
  /** Columns to take, with their types. Default: all of the header, with types that the first rows tell. */
  readonly columns?: C | undefined;
  /** Whether the first row has the names of the columns. Without it, `columns` names all of them in order. Default true. */
  readonly header?: boolean | undefined;
  /** Default ",". */
  readonly delimiter?: string | undefined;
  /** Around values that hold delimiters or line ends; twice inside of them it stands for itself. Default '"'. */
  readonly quote?: string | undefined;
  /** Rows that begin so are left out. */
  readonly comment?: string | undefined;
  /** Texts that stand for missing values. Default: "", "NA", "N/A", "NaN", "nan", "null", "?". */
  readonly missingValues?: readonly string[] | undefined;
  /** What becomes of missing values: NaN for numbers and "" for texts, or an error. Of true and false, none may be missing. */
  readonly missing?: "fill" | "error" | undefined;
  /** Default "utf-8", or the UTF-16 that a file's first bytes say. */
  readonly encoding?: string | undefined;
  /** Characters that a row may have. Default 16 Mi. */
  readonly longestRow?: number | undefined;
}

export type CsvRow<C extends Columns> = { readonly [K in keyof C]: ValueOf<C[K]> };

const usualMissing = ["", "NA", "N/A", "NaN", "nan", "null", "?"] as const;
const usualLongest = 2 ** 24;

/** The rows of CSV files (also of those that gzip packed), as records: `csvDataset("houses.csv", { columns: { rooms: "number", ocean: "string" } })`. */
export function csvDataset<const C extends Columns = Columns>(
  files: FileInput | readonly FileInput[],
  options: CsvOptions<C> = {},
): Dataset<CsvRow<C>> {
  if (options.header === false && options.columns === undefined) {
    throw new ArgumentError({
      what: "csvDataset: without a header, somebody must name the columns",
      hint: 'columns: { first: "number", second: "string" }, in the order of the file',
    });
  }
  return new Dataset(
    fromLists<CsvRow<C>>("csvDataset", async function* () {
      // All files have the columns of the first.
      let types: Columns | undefined = options.columns;
      for (const file of listed(files)) {
        const reader = new CsvReader(nameOf(file), options, await parser());
        for await (const text of wholeRows(file, options)) {
          const rows = reader.rows(text);
          if (rows.length === 0) continue;
          types ??= inferTypes(reader.names, rows, options.missingValues ?? usualMissing);
          yield reader.records(rows, types) as CsvRow<C>[]; // C are the types, or those that were told
        }
      }
    }),
  );
}

/** The text of a file in pieces that end with a row. */
async function* wholeRows(file: FileInput, options: CsvOptions): AsyncGenerator<string> {
  const { quote = '"', delimiter = ",", encoding, longestRow = usualLongest } = options;
  const mark = quote.charCodeAt(0);
  const between = delimiter.charCodeAt(delimiter.length - 1);
  let held = "";
  let quoted = false;
  // A mark opens a value only where one begins: 5" is five inches.
  let before = newline;
  let closed = false;
  for await (const text of textOf(file, encoding)) {
    let last = -1;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      const wasQuoted: boolean = quoted;
      // A doubled mark stands for itself: it closes, and opens again at once.
      if (code === mark) quoted = !quoted && (before === newline || before === between || closed);
      else if (code === newline && !quoted) last = index;
      closed = wasQuoted && !quoted;
      before = code === carriageReturn ? newline : code;
    }
    if (last >= 0) {
      yield held + text.slice(0, last + 1);
      held = "";
    }
    held += text.slice(last + 1);
    if (held.length > longestRow) {
      throw new DataError({
        what: `csvDataset: ${nameOf(file)} has a row of more than ${longestRow} characters`,
        hint: `a quotation mark ${quote} that is never closed? If it is right, allow more: { longestRow }`,
      });
    }
  }
  if (held !== "") yield held;
}

const newline = 10;
const carriageReturn = 13;

/** Reads the rows of one file. */
class CsvReader {
  readonly #file: string;
  readonly #options: CsvOptions;
  readonly #parser: CsvParser;
  /** The columns of the file, in its order. */
  #names: readonly string[] | undefined;
  /** Rows before those of the present piece. */
  #rowsBefore = 0;

  constructor(file: string, options: CsvOptions, parser: CsvParser) {
    this.#file = file;
    this.#options = options;
    this.#parser = parser;
    if (options.header === false) this.#names = Object.keys(options.columns ?? {});
  }

  get names(): readonly string[] {
    return this.#names ?? [];
  }

  /** The rows of a piece of the file; the first row of all may be the header. */
  rows(text: string): string[][] {
    const { delimiter = ",", quote = '"', comment } = this.#options;
    let rows: string[][];
    try {
      rows = this.#parser.parse(text, {
        delimiter,
        quote,
        bom: this.#rowsBefore === 0,
        record_delimiter: ["\r\n", "\n", "\r"],
        skip_empty_lines: true,
        relax_column_count: true,
        relax_quotes: true,
        ...(comment === undefined ? {} : { comment }),
      });
    } catch (error) {
      throw new DataError({
        what: `csvDataset: ${this.#file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        hint: "check the delimiter and the quotation marks",
      });
    }
    if (this.#names === undefined && rows.length > 0) {
      const names = rows.shift()!.map((name) => name.trim()); // there is one
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      if (twice !== undefined)
        throw new DataError({
          what: `csvDataset: ${this.#file} has two columns named "${twice}"`,
          hint: "name the columns yourself: { header: false, columns: {…} }, after the first line is removed",
        });
      if (names.includes("__proto__"))
        throw new DataError({
          what: `csvDataset: ${this.#file} has a column named "__proto__", which no record can have`,
          hint: "give it another name",
        });
      this.#names = names;
      this.#rowsBefore++;
    }
    return rows;
  }

  /** Records of the columns that are wanted. */
  records(rows: readonly string[][], types: Columns): Readonly<Record<string, unknown>>[] {
    const names = this.names;
    const columns = Object.entries(types).map(([name, type]) => {
      const index = names.indexOf(name);
      if (index >= 0) return { name, index, read: cellReader(type, this.#options.missingValues ?? usualMissing) };
      throw new DataError({
        what: `csvDataset: ${this.#file} has no column "${name}"`,
        details: [{ role: "columns", value: names.join(", ") }],
        hint: "the files of one data set have the columns of the first",
      });
    });
    const first = this.#rowsBefore + 1;
    this.#rowsBefore += rows.length;
    return rows.map((row, index) => {
      if (row.length !== names.length) {
        throw new DataError({
          what: `csvDataset: ${this.#file}, row ${first + index} has ${row.length} values, the header ${names.length}`,
          details: [{ role: "row", value: row.slice(0, 6).join(" | ") }],
          hint: "values that hold the delimiter must be quoted",
        });
      }
      const record: Record<string, unknown> = {};
      for (const { name, index: at, read } of columns) {
        const cell = row[at]!; // as many as names
        const value = read(cell);
        const fillable = this.#options.missing !== "error" && types[name] !== "boolean";
        if (value === undefined || (value === missing && !fillable))
          throw this.#unfit(first + index, name, cell, types[name]!);
        record[name] = value === missing ? (types[name] === "string" ? "" : Number.NaN) : value;
      }
      return record;
    });
  }

  #unfit(row: number, column: string, cell: string, type: ColumnType): DataError {
    return new DataError({
      what: `csvDataset: ${this.#file}, row ${row}, column "${column}" does not hold what it should`,
      details: [
        { role: "expected", value: typeof type === "string" ? `a ${type}` : "what the function takes" },
        { role: "received", value: JSON.stringify(cell) },
      ],
      hint: 'name texts that stand for missing values (missingValues), or read the column as "string"',
    });
  }
}
