import { ArgumentError, suggest } from "../base/errors.ts";
import { demandKnown } from "../base/known.ts";

export { demandKnown };

/** Options as users give them: any of the defaults' names. */
export type Given<O extends object> = { readonly [K in keyof O]?: O[K] | undefined };

/** Where a default is null, a number, a list of numbers or names, or nothing may stand. */
const fits = (value: unknown, standard: unknown): boolean => {
  const number = Number.isFinite(value);
  const list = Array.isArray(value) && value.every((item) => Number.isFinite(item) || typeof item === "string");
  if (standard === null) return value === null || number || list;
  if (Array.isArray(standard)) return list;
  return typeof standard === "number" ? number : typeof value === typeof standard;
};

/**
 * `given` with `defaults` where nothing is given. Options may come from files, and a misspelt one would train in another way
 * than its author meant: unknown names and values of another type are errors. `elsewhere` are names for hints.
 */
export function withDefaults<O extends object>(
  what: string,
  given: object,
  defaults: O,
  elsewhere: readonly string[] = [],
): O {
  const known = Object.keys(defaults);
  demandKnown(what, given, known, elsewhere);
  const merged: Record<string, unknown> = Object.fromEntries(Object.entries(defaults));
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const standard = (defaults as Record<string, unknown>)[name];
    if (!fits(value, standard)) {
      const kind = standard === null ? "number, or none" : Array.isArray(standard) ? "list" : typeof standard;
      const said = typeof value === "number" ? value : JSON.stringify(value);
      throw new ArgumentError(`${what}: ${name} must be a ${kind}, received ${said}`);
    }
    merged[name] = value;
  }
  return merged as O; // every entry is a default, or was checked to be like it
}

/** `value` if it is from `low` to `high`, both included. */
export function demandWithin(name: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  throw new ArgumentError(`${name} must be from ${low} to ${high}, received ${value}`);
}

/** `value` if it is positive and finite. */
export function demandPositiveNumber(name: string, value: number): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new ArgumentError(`${name} must be a positive number, received ${value}`);
}

/** `value` if it is one of `choices`. */
export function demandChoice(name: string, value: unknown, choices: readonly string[]): void {
  if (choices.includes(value as string)) return; // only asked whether it is there
  const received = String(value).slice(0, 40);
  throw new ArgumentError({
    what: `${name} must be one of ${choices.join(", ")}; received "${received}"`,
    hint: suggest(received, choices),
  });
}
