import { ArgumentError, oneOf } from "../base/errors.ts";
import type { Initializer, Tensor } from "../tensor/index.ts";
import { type Activation, type ActivationName, activationCatalog } from "./activations.ts";
import { finite, perAxis, positive } from "./checks.ts";
import { type Constraint, type ConstraintName, constraintCatalog } from "./constraints.ts";
import { type Field, field } from "./fields.ts";
import { type InitializerName, initializerCatalog } from "./initializers.ts";
import { type Regularizer, type RegularizerName, regularizerCatalog } from "./regularizers.ts";

const asNumber = (json: unknown): number | undefined => (typeof json === "number" ? json : undefined);

/** A number; `check` demands more of it than that it is finite. */
export const real = (
  initial?: number,
  check: (name: string, value: number) => number = finite,
): Field<number, number> => field({ initial, parse: check, read: asNumber, expected: "a number" });

/** A positive whole number. */
export const count = (initial?: number): Field<number, number> => real(initial, positive);

/** A whole number of any sign, as an axis. */
export const integer = (initial?: number): Field<number, number> =>
  real(initial, (name, value) => {
    if (Number.isInteger(value)) return value;
    throw new ArgumentError(`${name} must be an integer, received ${value}`);
  });

export const flag = (initial: boolean): Field<boolean, boolean> =>
  field({
    initial,
    parse: (name, value) => {
      if (typeof value === "boolean") return value;
      throw new ArgumentError(`${name} must be true or false, received ${JSON.stringify(value)}`);
    },
    read: (json) => (typeof json === "boolean" ? json : undefined),
    expected: "true or false",
  });

/** One of a few words. */
export const choice = <const C extends string>(choices: readonly C[], initial: C): Field<C, C> =>
  field({
    initial,
    parse: (name, value) => oneOf(name, value, choices),
    read: (json) => choices.find((known) => known === json),
    expected: choices.map((known) => `"${known}"`).join(" or "),
  });

const isIntegers = (json: unknown): json is readonly number[] =>
  Array.isArray(json) && json.length <= 64 && json.every((size) => Number.isSafeInteger(size));

/** One positive number for all axes, or one an axis; of at least `lowest`. */
export const sizes = (
  rank: number,
  initial?: number | readonly number[],
  lowest: 0 | 1 = 1,
): Field<number | readonly number[], readonly number[]> =>
  field<number | readonly number[], readonly number[]>({
    initial,
    parse: (name, value) => perAxis(name, value, rank, lowest),
    read: (json) => (isIntegers(json) || typeof json === "number" ? json : undefined),
    expected: "a list of whole numbers",
  });

/** Whole numbers; `check` demands more of them. */
export const integers = (
  check: (name: string, values: readonly number[]) => readonly number[],
  initial?: readonly number[],
): Field<readonly number[], readonly number[]> =>
  field<readonly number[], readonly number[]>({
    initial,
    parse: (name, values) => {
      if (!isIntegers(values)) throw new ArgumentError(`${name} takes a list of whole numbers, received ${values}`);
      return check(name, values);
    },
    read: (json) => (isIntegers(json) ? json : undefined),
    expected: "a list of whole numbers",
  });

/** A text of any content. */
export const text = (initial?: string): Field<string, string> =>
  field({
    initial,
    parse: (name, value) => {
      if (typeof value === "string") return value;
      throw new ArgumentError(`${name} must be a text, received ${JSON.stringify(value)}`);
    },
    read: (json) => (typeof json === "string" && json.length <= 1000 ? json : undefined),
    expected: "a text",
  });

/** The same field, but it may be left out; the value is undefined then. */
export const optional = <Given, Value>(inner: Field<Given, Value>): Field<Given, Value | undefined> => ({
  ...inner,
  initial: undefined,
  optional: true,
  write: (value) => (value === undefined ? null : inner.write(value)),
});

/** What fields need of a catalog. */
interface Named<T> {
  resolve(given: string | T): T;
  describe(made: T): unknown;
  read(json: unknown): T | undefined;
}

/** A function of a catalog, given by name or as it is. */
function named<Name extends string, T extends object>(
  what: string,
  known: Named<T>,
  initial: Name | undefined,
  required: boolean,
): Field<Name | T, T> {
  return field<Name | T, T>({
    initial,
    optional: true,
    parse: (name, given) => {
      if (typeof given === "string" || typeof given === "function") return known.resolve(given as string | T);
      throw new ArgumentError(`${name} must be a name or a function, received ${JSON.stringify(given)}`);
    },
    write: (value) => {
      const description = known.describe(value);
      if (description !== undefined || !required) return description;
      throw new ArgumentError({
        what: `the layer's ${what} is a function of your own, which a file cannot carry`,
        hint: `register it by a name: registerFunction("${what}", "mine", mine)`,
      });
    },
    read: (json) => known.read(json),
    expected: `the name of ${/^[aeiou]/.test(what) ? "an" : "a"} ${what}`,
  });
}

/** An activation by name or as a function. */
export const activation = (initial: ActivationName = "linear"): Field<ActivationName | Activation, Activation> =>
  named("activation", activationCatalog, initial, true);

/** Initializers only matter for new weights: a function of the user's own is left out of files, which hold the weights. */
export const initializer = (initial: InitializerName): Field<InitializerName | Initializer, Initializer> =>
  named("initializer", initializerCatalog, initial, false);

export const regularizer = (): Field<RegularizerName | Regularizer, Regularizer | undefined> =>
  optional(named<RegularizerName, Regularizer>("regularizer", regularizerCatalog, undefined, true));

export const constraint = (): Field<ConstraintName | Constraint, Constraint | undefined> =>
  optional(named<ConstraintName, Constraint>("constraint", constraintCatalog, undefined, true));

export type TensorFunction = (x: Tensor) => Tensor;

/** One axis, or several; negative ones count from the end. */
export const axes = (
  initial?: number | readonly number[],
): Field<number | readonly number[], number | readonly number[]> =>
  field<number | readonly number[], number | readonly number[]>({
    initial,
    parse: (name, value) => {
      if (Number.isInteger(value) || isIntegers(value)) return value;
      throw new ArgumentError(`${name} must be an axis or a list of axes, received ${value}`);
    },
    read: (json) => asNumber(json) ?? (isIntegers(json) ? json : undefined),
    expected: "an axis or a list of axes",
  });

type Pair = readonly [number, number];
type PairsGiven = number | Pair | readonly number[] | readonly Pair[];
const isPair = (value: unknown): value is Pair => Array.isArray(value) && value.length === 2 && value.every(isWidth);
const isWidth = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

/**
 * What is added or cut at both ends of each axis: one number for all ends; a pair (1-D: both ends; else one number an
 * axis); a list of pairs, one an axis.
 */
export const pairs = (rank: number, initial: PairsGiven): Field<PairsGiven, readonly Pair[]> =>
  field<PairsGiven, readonly Pair[]>({
    initial,
    parse: (name, value) => {
      if (isWidth(value)) return Array.from({ length: rank }, () => [value, value] as const);
      if (rank === 1 && isPair(value)) return [value];
      if (Array.isArray(value) && value.length === rank) {
        const list: readonly unknown[] = value;
        if (list.every(isPair)) return list;
        if (list.every(isWidth)) return list.map((width) => [width, width] as const);
      }
      throw new ArgumentError({
        what: `${name} takes a number, ${rank} numbers, or ${rank} pairs of numbers of at least 0, received ${JSON.stringify(value)}`,
        hint: "a pair is [before, after]",
      });
    },
    read: (json) => (Array.isArray(json) && json.every((item) => isPair(item)) ? (json as readonly Pair[]) : undefined),
    expected: "a list of pairs",
  });
