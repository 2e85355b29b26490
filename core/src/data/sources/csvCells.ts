/** What the values of a column are: numbers, whole numbers, texts, true or false, or what a function makes of the text. */
export type ColumnType = "number" | "integer" | "string" | "boolean" | ((text: string) => unknown);

/** What a value of a column is for the program. */
export type ValueOf<C> = C extends "string"
  ? string
  : C extends "boolean"
    ? boolean
    : C extends "number" | "integer"
      ? number
      : C extends (text: string) => infer V
        ? V
        : number | string | boolean;

/** Says that a value is missing. */
export const missing: unique symbol = Symbol("missing");

/** Reads the text of a cell: a value, `missing`, or undefined where it does not fit. */
export function cellReader(type: ColumnType, missingValues: readonly string[]): (text: string) => unknown {
  const none = new Set(missingValues);
  if (typeof type === "function") return type;
  if (type === "string") return (text) => (text !== "" && none.has(text) ? missing : text);
  const read = readers[type];
  return (text) => {
    const trimmed = text.trim();
    return none.has(trimmed) ? missing : read(trimmed);
  };
}

const numberOf = (text: string): number | undefined => {
  const value = text === "" ? Number.NaN : Number(text);
  // What Number takes beyond decimal numbers (0x10) is hardly meant.
  return Number.isFinite(value) && /^[-+.\d]/.test(text) && !/^[-+]?0[xob]/i.test(text) ? value : undefined;
};

const readers = {
  number: numberOf,
  integer: (text: string) => {
    const value = numberOf(text);
    return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
  },
  boolean: (text: string) => booleans.get(text.toLowerCase()),
} as const;
const booleans = new Map([
  ["true", true],
  ["false", false],
  ["1", true],
  ["0", false],
  ["yes", true],
  ["no", false],
]);

/** The types that values of the first rows have: numbers, unless one of them is none. */
export function inferTypes(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  missingValues: readonly string[],
): { readonly [name: string]: "number" | "string" } {
  const none = new Set(missingValues);
  return Object.fromEntries(
    names.map((name, index) => {
      const cells = rows.map((row) => (row[index] ?? "").trim()).filter((cell) => !none.has(cell));
      return [
        name,
        cells.length > 0 && cells.every((cell) => numberOf(cell) !== undefined) ? "number" : "string",
      ] as const;
    }),
  );
}
