import { ArgumentError, oneOf } from "./errors.ts";
import { demandKnown } from "./known.ts";

const integer = (value: unknown): boolean => Number.isInteger(value);
const least = (value: unknown, low: number): boolean => Number.isFinite(value) && (value as number) >= low;

/** What an option can be: whether a value is that, and the word for it. */
const kinds = {
  number: [Number.isFinite, "a finite number"],
  notNegative: [(value) => least(value, 0), "a number of at least 0"],
  whole: [(value) => integer(value) && least(value, 0), "a whole number of at least 0"],
  count: [(value) => integer(value) && least(value, 1), "a positive integer"],
  integer: [integer, "an integer"],
  flag: [(value) => typeof value === "boolean", "true or false"],
  text: [(value) => typeof value === "string" && value !== "", "a text"],
  axes: [(value) => integer(value) || (Array.isArray(value) && value.every(integer)), "an axis or a list of axes"],
  // Its maker looks at it.
  other: [() => true, ""],
} satisfies Record<string, readonly [(value: unknown) => boolean, string]>;

/** A kind, or the words that may stand there. */
export type Kind = keyof typeof kinds | readonly string[];
/** The kind of each option of `Options`, all of them. */
export type KindsOf<Options> = { readonly [K in keyof Options]-?: Kind };

/** Refuses what is no object of these options: wrong names, and values of another kind. What is undefined is not given. */
export function demandKinds(what: string, given: object, known: { readonly [name: string]: Kind }): void {
  demandKnown(what, given, Object.keys(known));
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const kind = known[name]!; // known, as just seen
    if (typeof kind !== "string") oneOf(name, value, kind, what);
    else if (!kinds[kind][0](value)) throw unlike(`${what}: ${name}`, value, kind);
  }
}

/** `value` if it is of this kind; an ArgumentError that names it otherwise. */
export function demandKind<T>(what: string, value: T, kind: keyof typeof kinds): T {
  if (kinds[kind][0](value)) return value;
  throw unlike(what, value, kind);
}

const unlike = (what: string, value: unknown, kind: keyof typeof kinds): ArgumentError =>
  new ArgumentError(
    `${what} must be ${kinds[kind][1]}, received ${typeof value === "object" ? JSON.stringify(value) : value}`,
  );
