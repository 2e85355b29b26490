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
    const { name } = token;
    const option = Object.hasOwn(table, name) ? table[name] : undefined;
    if (option === undefined) {
      const hint = suggest(token.rawName, Object.keys(table).map(flag));
      throw new ArgumentError({ what: `unknown option ${token.rawName}`, hint });
    }
    if (Object.hasOwn(values, name)) throw new ArgumentError(`${flag(name)} is given twice`);
    // What looks like the next option is hardly meant as a value; --json=--odd says that it is.
    const value = token.inlineValue === false && token.value.startsWith("--") ? undefined : token.value;
    if (option.value !== undefined && value === undefined) {
      throw new ArgumentError(`${flag(name)} needs a value: ${flag(name)} ${option.value}`);
    }
    if (option.value === undefined && value !== undefined) {
      throw new ArgumentError(`${flag(name)} takes no value, received "${value}"`);
    }
    values[name] = option.read(value ?? "", name);
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
