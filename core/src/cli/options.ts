import { parseArgs } from "node:util";
import { ArgumentError, suggest } from "../base/errors.ts";

/** One option of a command: how its text becomes a value. */
export interface Option<T> {
  /** What the value is called in help, `N`; absent for switches. */
  readonly value?: string;
  readonly help: string;
  readonly read: (text: string, name: string) => T;
}

export type OptionTable = { readonly [name: string]: Option<unknown> };
export type ValuesOf<Table extends OptionTable> = { readonly [Name in keyof Table]?: ReturnType<Table[Name]["read"]> };

const flag = (name: string): string => `--${name}`;

export const wholeNumber = (help: string, smallest = 1): Option<number> => ({
  value: "N",
  help,
  read: (text, name) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= smallest) return value;
    throw new ArgumentError(`${flag(name)} takes a whole number of at least ${smallest}, received "${text}"`);
  },
});

export const positiveNumber = (help: string): Option<number> => ({
  value: "X",
  help,
  read: (text, name) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
    throw new ArgumentError(`${flag(name)} takes a positive number, received "${text}"`);
  },
});

export const text = (value: string, help: string): Option<string> => ({
  value,
  help,
  read: (given, name) => {
    if (given !== "") return given;
    throw new ArgumentError(`${flag(name)} takes ${value.toLowerCase()}, received nothing`);
  },
});

export const oneOf = <const Choice extends string>(choices: readonly Choice[], help: string): Option<Choice> => ({
  value: choices.join("|"),
  help,
  read: (given, name) => {
    const found = choices.find((choice) => choice === given);
    if (found !== undefined) return found;
    throw new ArgumentError(`${flag(name)}: ${suggest(given, choices)}; received "${given}"`);
  },
});

export const toggle = (help: string): Option<boolean> => ({ help, read: () => true });

/** The values and the words that are no options; anything unknown or malformed is an ArgumentError of one line. */
export function readOptions<Table extends OptionTable>(
  args: readonly string[],
  table: Table,
): { readonly values: ValuesOf<Table>; readonly words: readonly string[] } {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(table).map(([name, { value }]) => [name, { type: value === undefined ? "boolean" : "string" }]),
    ),
  });
  const values: Record<string, unknown> = {};
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const option = table[token.name];
    if (option === undefined) {
      throw new ArgumentError(`unknown option ${token.rawName}: ${suggest(token.name, Object.keys(table))}`);
    }
    if (token.name in values) throw new ArgumentError(`${flag(token.name)} is given twice`);
    if (option.value !== undefined && token.value === undefined)
      throw new ArgumentError(`${flag(token.name)} needs a value: ${flag(token.name)} ${option.value}`);
    if (option.value === undefined && token.value !== undefined)
      throw new ArgumentError(`${flag(token.name)} takes no value, received "${token.value}"`);
    values[token.name] = option.read(token.value ?? "", token.name);
  }
  // Each value was read by its own option.
  return { values: values as ValuesOf<Table>, words };
}

/** The options as lines of help. */
export function describeOptions(table: OptionTable): string {
  const names = Object.entries(table).map(([name, { value }]) =>
    value === undefined ? flag(name) : `${flag(name)} ${value}`,
  );
  const width = Math.max(...names.map((name) => name.length));
  return Object.values(table)
    .map(({ help }, index) => `  ${names[index]!.padEnd(width)}  ${help}`)
    .join("\n");
}
