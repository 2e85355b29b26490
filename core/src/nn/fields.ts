import { ArgumentError, DataError } from "../base/errors.ts";
import { demandKnown } from "./options.ts";

/**
 * One option of a layer: how it is checked when given, written to a file, and read from one. A table of fields is all that a
 * layer says of its options; their types, checks, config and the way back from it follow.
 */
export interface Field<Given, Value> {
  /** Taken when nothing is given; undefined where the option must be given. */
  readonly initial: Given | undefined;
  readonly optional: boolean;
  /** The value, checked; an ArgumentError that names the option otherwise. */
  parse(name: string, given: Given): Value;
  /** Plain JSON for a file. */
  write(value: Value): unknown;
  /** What stands in a file, as it would be given; undefined when it is of another kind. */
  read(json: unknown, make: MakeLayer): Given | undefined;
  /** What `read` accepts, in words: "a number". */
  readonly expected: string;
}

/** Makes the layer that a file describes; fields of layers need it. */
export type MakeLayer = (description: unknown) => object;

export type Fields = { readonly [name: string]: Field<unknown, unknown> };

/** The type of the options that a table of fields describes, all optional; without those that are given by position. */
export type GivenOf<F, Positional = never> = {
  readonly [K in keyof F as Exclude<K, Positional>]?: F[K] extends Field<infer Given, infer _>
    ? Given | undefined
    : never;
};
/** The values that a layer works with. */
export type ValuesOf<F> = { readonly [K in keyof F]: F[K] extends Field<infer _, infer Value> ? Value : never };

/** A field from its parts; `initial` alone decides whether it may be left out, unless `optional` says so. */
export const field = <Given, Value>(
  parts: Pick<Field<Given, Value>, "parse" | "read" | "expected"> & {
    readonly initial?: Given | undefined;
    readonly optional?: boolean;
    readonly write?: (value: Value) => unknown;
  },
): Field<Given, Value> => ({
  initial: undefined,
  optional: parts.initial !== undefined,
  write: (value) => value,
  ...parts,
});

/** The values of all fields. Names that are neither fields nor `others` are refused with those that exist, unless `open`. */
export function resolveFields<F extends Fields>(
  what: string,
  fields: F,
  options: object,
  { others, open }: { readonly others: readonly string[]; readonly open: boolean },
): ValuesOf<F> {
  const given = options as Readonly<Record<string, unknown>>; // what is not an object is refused
  demandKnown(what, given, open ? Object.keys(given ?? {}) : [...Object.keys(fields), ...others]);
  const entries = Object.entries(fields).map(([name, entry]) => {
    const value = given[name] ?? entry.initial;
    if (value !== undefined) return [name, entry.parse(name, value)] as const;
    if (entry.optional) return [name, undefined] as const;
    throw new ArgumentError(`${what}: ${name} must be given`);
  });
  return Object.fromEntries(entries) as ValuesOf<F>; // each entry comes from its own field
}

/** The values as plain JSON; options that are not set are null. */
export const writeFields = (fields: Fields, values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, entry]) => [
      name,
      values[name] === undefined ? null : (entry.write(values[name]) ?? null),
    ]),
  );

/** The options that a config from a file stands for; every entry is checked for its kind, the layer checks its value. */
export function readFields(
  layer: string,
  fields: Fields,
  config: Readonly<Record<string, unknown>>,
  make: MakeLayer,
): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, entry]) => {
    const json = config[name];
    if ((json === undefined || json === null) && entry.optional) return [name, undefined] as const;
    const value = entry.read(json, make);
    if (value !== undefined) return [name, value] as const;
    throw new DataError(`layer "${layer}": "${name}" is ${shorten(json)}, not ${entry.expected}`);
  });
  return Object.fromEntries(entries);
}

const printedLength = 60;

/** Untrusted JSON for a message: short. */
export function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > printedLength ? `${text.slice(0, printedLength)}…` : text;
}
