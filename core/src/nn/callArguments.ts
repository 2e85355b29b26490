import { ArgumentError } from "../base/errors.ts";
import { field } from "./fields.ts";
import { isPlain } from "./structure.ts";

/** The place of a tensor in the recorded arguments. */
export interface Place {
  readonly tensor: number;
}
export const isPlace = (value: unknown): value is Place =>
  isPlain(value) && Object.keys(value).length === 1 && "tensor" in value && Number.isSafeInteger(value.tensor);

/** How deep lists and options may be in each other. */
export const argumentDepth = 8;

const isArgument = (value: unknown, depth = 0): boolean =>
  value === null ||
  ["number", "boolean", "string", "undefined"].includes(typeof value) ||
  (depth < argumentDepth &&
    (Array.isArray(value) || isPlain(value)) &&
    Object.values(value).every((item) => isArgument(item, depth + 1)));

/** The arguments of a recorded call; `what` it is of, and what to do with a constant tensor, for messages. */
export const callArguments = (what: string, hint: string) =>
  field<readonly unknown[], readonly unknown[]>({
    parse: (name, given) => {
      if (given.every((value) => isArgument(value))) return given;
      throw new ArgumentError({
        what: `${name} of ${what} must be numbers, lists, options, or symbolic tensors`,
        hint,
      });
    },
    // JSON has no undefined: it writes null, for which a default stands.
    read: (json) => (Array.isArray(json) ? json.map((value) => value ?? undefined) : undefined),
    expected: "a list of arguments",
  });
