import { ArgumentError } from "../base/errors.ts";

/** A positive whole number, or an error that names the option. */
export function demandPositive(option: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new ArgumentError(`${option} must be a positive integer, received ${value}`);
}
