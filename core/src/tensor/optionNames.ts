import { ArgumentError } from "../base/errors.ts";
import { demandKnown } from "../base/known.ts";

// What TypeScript refuses and JavaScript would pass over: an option that is misspelt, or given in another place, would be its default.

/** Any value has a constructor, or none. */
const isOptions = (value: unknown): value is object => (value as object | undefined)?.constructor === Object;

/** Refuses options of the function `name` that are not `known`, or not its third argument. */
export function demandOptions(name: string, known: readonly string[], given: readonly unknown[]): void {
  given.forEach((value, at) => {
    if (isOptions(value)) demandKnown(name, value, known);
    if (isOptions(value) ? at === 2 : at < 2 || value === undefined) return;
    throw new ArgumentError(`${name}: options are argument 3: ${known}`);
  });
}
