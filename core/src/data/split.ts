import { ArgumentError } from "../base/errors.ts";
import { Dataset } from "./dataset.ts";
import type { Row } from "./element.ts";

export interface SplitOptions {
  /** The share of the first part from 0 to 1, or how many elements it has. Default: what the second leaves. */
  readonly leftSize?: number | undefined;
  /** The same of the second part. Default: what the first leaves. */
  readonly rightSize?: number | undefined;
  /** Whether elements are drawn for the parts at random, once and for all. Default false. */
  readonly shuffle?: boolean | undefined;
  /** Decides which are drawn. Default 0: the parts are the same in each run. */
  readonly seed?: number | undefined;
}

/**
 * Two data sets of which no element is in both: of a Dataset of known length, or of arrays along their first axis. Sizes are as in
 * Keras's split_dataset: shares are rounded, halves to even numbers. Throws an ArgumentError for sizes that are
 * more than there is.
 */
export function splitDataset<T>(data: Dataset<T>, options: SplitOptions): readonly [Dataset<T>, Dataset<T>];
export function splitDataset<const S>(arrays: S, options: SplitOptions): readonly [Dataset<Row<S>>, Dataset<Row<S>>];
export function splitDataset(
  data: unknown,
  { leftSize, rightSize, shuffle = false, seed = 0 }: SplitOptions,
): readonly [Dataset<unknown>, Dataset<unknown>] {
  const whole = data instanceof Dataset ? (data as Dataset<unknown>) : Dataset.fromTensorSlices(data);
  const count = whole.cardinality;
  if (count === undefined || count === Number.POSITIVE_INFINITY)
    throw new ArgumentError({
      what: "splitDataset: the length of the data set is not known",
      hint: "split with take(count) and skip(count), or before filter, repeat or a generator",
    });
  const left = leftSize === undefined ? undefined : elements("leftSize", leftSize, count);
  const right = rightSize === undefined ? undefined : elements("rightSize", rightSize, count);
  if (left === undefined && right === undefined)
    throw new ArgumentError({
      what: "splitDataset: there is no size",
      hint: "give leftSize or rightSize: 0.8 or 1000",
    });
  const first = left ?? count - right!; // one of them is there
  const second = right ?? count - first;
  if (first + second > count)
    throw new ArgumentError(`splitDataset: ${first} and ${second} elements are more than the ${count} that there are`);
  const drawn = shuffle ? whole.shuffle({ seed, reshuffleEachIteration: false }) : whole;
  return [drawn.take(first), drawn.skip(first).take(second)];
}

/** How many elements `size` stands for, of `count`. */
function elements(name: string, size: number, count: number): number {
  const isShare = size > 0 && size < 1;
  if (isShare || (Number.isInteger(size) && size >= 1 && size <= count))
    return isShare ? halfToEven(size * count) : size;
  throw new ArgumentError({
    what: `splitDataset: ${name} is ${size}`,
    hint: `give a share between 0 and 1, or from 1 to ${count} elements`,
  });
}

/** As Python's round. */
function halfToEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}
