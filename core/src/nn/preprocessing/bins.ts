import { ArgumentError } from "../../base/errors.ts";
import { optional } from "../fieldKinds.ts";
import { type Field, field } from "../fields.ts";
import { fingerprint64 } from "./farmHash.ts";
import { sipHash } from "./sipHash.ts";

const encoder = new TextEncoder();

type Salt = readonly [number, number];
const isSalt = (value: unknown): value is Salt =>
  Array.isArray(value) && value.length === 2 && value.every((part) => Number.isSafeInteger(part));

/** The key of the hash: two whole numbers, or one for both. */
export const salt: Field<number | Salt, Salt | undefined> = optional(
  field<number | Salt, Salt>({
    parse: (name, given) => {
      const value = typeof given === "number" ? [given, given] : given;
      if (isSalt(value)) return value;
      throw new ArgumentError(`${name} must be a whole number or two of them, received ${JSON.stringify(given)}`);
    },
    read: (json) => (isSalt(json) ? json : undefined),
    expected: "two whole numbers",
  }),
);

/** The bin of a text: FarmHash's fingerprint modulo `bins`, or SipHash's with a salt; the same as Keras's, bit for bit. */
export function binOf(text: string, bins: number, key: Salt | undefined): number {
  const bytes = encoder.encode(text);
  const hash =
    key === undefined
      ? fingerprint64(bytes)
      : sipHash(bytes, [BigInt.asUintN(64, BigInt(key[0])), BigInt.asUintN(64, BigInt(key[1]))]);
  return Number(hash % BigInt(bins));
}
