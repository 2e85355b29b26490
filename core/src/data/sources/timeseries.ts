import { ArgumentError } from "../../base/errors.ts";
import { randomSeed } from "../../tensor/index.ts";
import { batchOf, columnsOf, rowReader } from "../columns.ts";
import { Dataset } from "../dataset.ts";
import type { DataLike } from "../examples.ts";
import { numpyRandom } from "../mersenne.ts";
import { NdArray } from "../ndarray.ts";
import { countOf, numberAt, type Order } from "../order.ts";
import { numbered } from "../stages/numbered.ts";

/** Names, defaults and meanings are those of Keras's `timeseries_dataset_from_array`. */
export interface TimeseriesOptions {
  /** What belongs to each sequence: the row with the number of its first step. */
  readonly targets?: DataLike | null | undefined;
  /** Steps of a sequence. */
  readonly sequenceLength: number;
  /** Steps from the beginning of one sequence to that of the next. Default 1. */
  readonly sequenceStride?: number | undefined;
  /** Steps of the data from one step of a sequence to the next. Default 1. */
  readonly samplingRate?: number | undefined;
  /** Sequences a batch; null for single ones. Default 128. */
  readonly batchSize?: number | null | undefined;
  /** Whether the sequences are in random order. Default false. */
  readonly shuffle?: boolean | undefined;
  /** Decides the order, as NumPy's RandomState does; each pass then shuffles it anew within some batches, as Keras does. */
  readonly seed?: number | undefined;
  /** Only data from here on are used. */
  readonly startIndex?: number | undefined;
  /** Only data before this are used. */
  readonly endIndex?: number | undefined;
}

type Sequences<O> = O extends { readonly targets: infer Y }
  ? Y extends null | undefined
    ? { readonly x: NdArray }
    : { readonly x: NdArray; readonly y: NdArray }
  : { readonly x: NdArray };

/** Sequences of the rows of an array, with their targets: `{ x, y }`. */
export function timeseriesDatasetFromArray<const O extends TimeseriesOptions>(
  data: DataLike,
  options: O,
): Dataset<Sequences<O>> {
  const whole = arrayOf("data", data);
  const targets =
    options.targets === undefined || options.targets === null ? undefined : arrayOf("targets", options.targets);
  const checked = checkedOptions(options, whole.length);
  const {
    sequenceLength,
    sequenceStride,
    samplingRate,
    startIndex,
    endIndex,
    batchSize = 128,
    shuffle = false,
  } = checked;
  const steps = whole.slice(startIndex, endIndex);
  const labels = targets?.slice(Math.min(startIndex, targets.length), Math.min(endIndex, targets.length));
  const most = endIndex - startIndex - (sequenceLength - 1) * samplingRate;
  // Keras counts all targets here, those before the first step too, and would read beyond their end.
  const room = Math.max(0, labels === undefined ? most : Math.min(most, labels.length));
  const starts = Uint32Array.from({ length: Math.ceil(room / sequenceStride) }, (_, index) => index * sequenceStride);
  const seed = options.seed ?? randomSeed() % 4294967296;
  if (shuffle) numpyRandom(seed).shuffle(starts);

  const readLabel = labels && rowReader(labels);

  /** The rows of the sequences with these numbers, one after the other. */
  const rowsOf = (order: Order): Uint32Array => {
    const count = countOf(order);
    const rows = new Uint32Array(count * sequenceLength);
    for (let place = 0, at = 0; place < count; place++) {
      const start = starts[numberAt(order, place)]!; // orders stay inside
      for (let step = 0; step < sequenceLength; step++) rows[at++] = start + step * samplingRate;
    }
    return rows;
  };
  const inner = steps.shape.slice(1);
  const several = (order: Order): unknown => {
    const x = steps.rows(rowsOf(order)).reshape([countOf(order), sequenceLength, ...inner]);
    const first = Uint32Array.from({ length: countOf(order) }, (_, place) => starts[numberAt(order, place)]!);
    return labels === undefined ? { x } : { x, y: batchOf(labels, first) };
  };
  const single = (index: number): unknown => {
    const x = steps.rows(rowsOf({ start: index, stop: index + 1 })).reshape([sequenceLength, ...inner]);
    return labels === undefined ? { x } : { x, y: readLabel?.(starts[index]!) };
  };
  const sequences = new Dataset<Sequences<O>>({
    name: "timeseriesDatasetFromArray",
    inputs: [],
    cardinality: starts.length,
    indexed: true,
    open: (_, order = { start: 0, stop: starts.length }) =>
      numbered(order, (index) => single(index) as Sequences<O>, several), // with targets if there are some
  });
  const ordered = shuffle ? sequences.shuffle(batchSize === null ? 1024 : batchSize * 8, { seed }) : sequences;
  // Batches of NdArrays are NdArrays with one more axis.
  return batchSize === null ? ordered : (ordered.batch(batchSize) as unknown as Dataset<Sequences<O>>);
}

function arrayOf(role: string, given: DataLike): NdArray {
  const columns = columnsOf(given, `timeseriesDatasetFromArray: ${role}`);
  if (columns instanceof NdArray) return columns;
  const list = columns as readonly number[]; // of numbers: texts have no such meaning
  if (Array.isArray(list) && list.every((value) => typeof value === "number"))
    return new NdArray(Float32Array.from(list));
  throw new ArgumentError(`timeseriesDatasetFromArray: ${role} must be one array of numbers`);
}

type Checked<O> = O & {
  readonly sequenceStride: number;
  readonly samplingRate: number;
  readonly startIndex: number;
  readonly endIndex: number;
};

function checkedOptions<O extends TimeseriesOptions>(options: O, length: number): Checked<O> {
  const { sequenceLength, sequenceStride = 1, samplingRate = 1, startIndex = 0, endIndex } = options;
  const demand = (name: string, value: number, fits: boolean, expected: string): void => {
    if (Number.isInteger(value) && fits) return;
    throw new ArgumentError({
      what: `timeseriesDatasetFromArray: ${name} must be ${expected}, received ${value}`,
      details: [{ role: "data", value: `${length} steps` }],
    });
  };
  const below = `a whole number from 1 to ${length - 1}`;
  demand("sequenceLength", sequenceLength, sequenceLength >= 1, "a positive whole number");
  demand("sequenceStride", sequenceStride, sequenceStride >= 1 && sequenceStride < length, below);
  demand("samplingRate", samplingRate, samplingRate >= 1 && samplingRate < length, below);
  demand("startIndex", startIndex, startIndex >= 0 && startIndex < length, `a whole number from 0 to ${length - 1}`);
  if (endIndex !== undefined)
    demand(
      "endIndex",
      endIndex,
      endIndex > startIndex && endIndex < length,
      `above startIndex and below the ${length} steps`,
    );
  return { ...options, sequenceStride, samplingRate, startIndex, endIndex: endIndex ?? length };
}
