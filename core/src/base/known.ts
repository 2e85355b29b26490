import { ArgumentError, suggest } from "./errors.ts";

/** Names that are not known are refused: a misspelt option would silently be its default. `elsewhere` are names for the hint. */
export function demandKnown(
  what: string,
  given: object,
  known: readonly string[],
  elsewhere: readonly string[] = [],
): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const name = unknown.slice(0, 40);
  throw new ArgumentError({ what: `${what}: unknown option "${name}"`, hint: suggest(name, [...known, ...elsewhere]) });
}
