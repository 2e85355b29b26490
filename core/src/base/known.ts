import { ArgumentError, suggest } from "./errors.ts";

/**
 * Names that are not known are refused, and what is no object: a misspelt option, or one by place, would silently be its default.
 * What is undefined is not given. `elsewhere` are names for the hint.
 */
export function demandKnown(
  what: string,
  given: object,
  known: readonly string[],
  elsewhere: readonly string[] = [],
): void {
  if (typeof given !== "object" || given === null) {
    throw new ArgumentError({
      what: `${what}: options must be an object, received ${JSON.stringify(given)}`,
      hint: `the options are ${known.join(", ")}`,
    });
  }
  const [unknown] = Object.entries(given).find(([name, value]) => value !== undefined && !known.includes(name)) ?? [];
  if (unknown === undefined) return;
  const name = unknown.slice(0, 40);
  throw new ArgumentError({ what: `${what}: unknown option "${name}"`, hint: suggest(name, [...known, ...elsewhere]) });
}
