import { ChainruleError, DataError } from "../base/errors.ts";

const hint = "was the file written by a model's save?";

/**
 * The error of a file whose description of a model cannot be followed: what a constructor or a layer refuses was in the file,
 * and so was what it did not expect (a text for a number deep in an option). Other errors are bugs, and stay what they are.
 */
export function refusedBy(source: string, error: unknown): unknown {
  if (error instanceof ChainruleError)
    return new DataError({ hint, ...error.parts, what: `${source}: ${error.parts.what}` });
  if (error instanceof TypeError || error instanceof RangeError)
    return new DataError({
      what: `${source}: a value in the description of the model is of another kind than it must be: ${error.message}`,
      hint,
    });
  return error;
}
