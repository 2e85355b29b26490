import { type BatchSource, type DataLike, type Examples, isBatchSource, NdArray } from "../data/index.ts";
import { isPlain, type Structure } from "../nn/index.ts";
import { Tensor } from "../tensor/index.ts";
import { fitOptions } from "../train/index.ts";
import { evaluateOptions } from "./feedOf.ts";

const optionNames = { ...fitOptions, ...evaluateOptions };

/** Whether a record holds options: targets by output name hold others. */
const isOptions = (value: unknown): boolean => {
  const names = isPlain(value) ? Object.keys(value) : [];
  return names.length > 0 && names.every((name) => Object.hasOwn(optionNames, name));
};

/** What `fit` and `evaluate` are given: `(data, options)`, `(batches, options)`, `(x, options)`, or `(x, y, options)`. */
export function argumentsOf<Options>(
  data: Examples | Structure<DataLike> | BatchSource,
  second: unknown,
  third: Options | undefined,
): [Examples | BatchSource, Options | undefined] {
  if (isBatchSource(data)) return [data, second as Options | undefined];
  const isRecord = isPlain(data) && !(data instanceof Tensor) && !(data instanceof NdArray);
  // What is neither targets nor third can only be options.
  if (isRecord && "x" in data) return [data as Examples, second as Options | undefined];
  if (third === undefined && isOptions(second)) return [{ x: data as Structure<DataLike> }, second as Options];
  return [{ x: data as Structure<DataLike>, y: second as Structure<DataLike> | undefined }, third];
}
