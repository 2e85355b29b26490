import * as tensors from "../tensor/index.ts";
import { type AnyFunction, isRecorded, nameOf } from "../tensor/recorded.ts";
import { FunctionCall } from "./functionCall.ts";

// Apart from FunctionCall: what is here needs every function of tensors, and only reading from files does.

const functions: ReadonlyMap<unknown, AnyFunction> = new Map(
  Object.values<unknown>(tensors).flatMap((value) => (isRecorded(value) ? [[nameOf(value), value] as const] : [])),
);

/** A FunctionCall that can be read from files, which name its function. */
export class StoredFunctionCall extends FunctionCall {
  static override readonly name: string = "FunctionCall";
  static override readonly fields = {
    ...FunctionCall.fields,
    function: {
      ...FunctionCall.fields.function,
      read: (json: unknown) => functions.get(json),
    },
  };
}
