import { ArgumentError } from "../../base/errors.ts";

/** Demands a whole number of at least `least`. */
export function demandCount(what: string, value: number, least = 1): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new ArgumentError(
    `${what} must be ${least === 1 ? "a positive whole number" : `a whole number of at least ${least}`}, received ${value}`,
  );
}
