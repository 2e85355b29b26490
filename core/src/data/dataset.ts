import { randomSeed } from "../tensor/index.ts";
import { columnsOf, rowsIn } from "./columns.ts";
import { type Batched, owned, type Row } from "./element.ts";
import type { Eventual } from "./eventual.ts";
import { end, openPlan, type Pass, type Plan } from "./plan.ts";
import { type BatchOptions, batch, unbatch } from "./stages/batch.ts";
import { cache } from "./stages/cache.ts";
import type { MapContext } from "./stages/context.ts";
import { diskCache } from "./stages/diskCache.ts";
import { filter, type Predicate } from "./stages/filter.ts";
import { type InterleaveOptions, interleave } from "./stages/interleave.ts";
import { isLayer, type LayerApplied, type LayerLike, layerFunction } from "./stages/layer.ts";
import { type MapFunction, type MapOptions, map } from "./stages/map.ts";
import { isModuleFunction, type ModuleFunction, mapInWorkers } from "./stages/mapInWorkers.ts";
import { fromColumns, fromList } from "./stages/numbered.ts";
import { type PaddedBatchOptions, paddedBatch } from "./stages/paddedBatch.ts";
import { concatenate, shard, skip, take } from "./stages/part.ts";
import { prefetch } from "./stages/prefetch.ts";
import { repeat } from "./stages/repeat.ts";
import { type ShuffleOptions, shuffle } from "./stages/shuffle.ts";
import { type Beginning, type Elements, fromGenerator, fromIterable, type GeneratorOptions } from "./stages/source.ts";
import { type WindowOptions, window } from "./stages/window.ts";
import { zip } from "./stages/zip.ts";
import { type DatasetStats, statsOf } from "./stats.ts";

type Zipped<D> = { readonly [K in keyof D]: D[K] extends Dataset<infer T> ? T : never };
/** What a function that makes a data set of each element may return. */
export type DatasetLike<U> = Dataset<U> | Elements<U>;

/**
 * Elements that are made when they are wanted, one pass after the other. Each method returns a new data set and does no
 * work; going through one (`for await`, `fit`) opens its sources and makes its elements. What is random follows the seed
 * and the number of the pass alone, so a pass can be gone on with from any place.
 */
export class Dataset<T> implements AsyncIterable<T> {
  /** How the elements are made. */
  readonly plan: Plan<T>;
  /** Passes that were begun by going through this data set. */
  #passes = 0;

  constructor(plan: Plan<T>) {
    this.plan = plan;
  }

  /** The items of a list, or what an iterable (also an asynchronous one) gives. */
  static from<T>(items: readonly T[] | Elements<T>): Dataset<T> {
    return new Dataset(Array.isArray(items) ? fromList(items as readonly T[]) : fromIterable(items as Elements<T>));
  }

  /** The rows of arrays: what stands at the same place of the first axis is one element. */
  static fromTensorSlices<const S>(arrays: S): Dataset<Row<S>> {
    const columns = columnsOf(arrays, "fromTensorSlices");
    return new Dataset(fromColumns(columns, rowsIn(columns, "fromTensorSlices")));
  }

  /** The elements of what `make` returns: it is called at the beginning of each pass. */
  static fromGenerator<T>(make: (pass: Beginning) => Eventual<Elements<T>>, options?: GeneratorOptions): Dataset<T> {
    return new Dataset(fromGenerator(make, options));
  }

  /** The whole numbers from 0 (or `start`) to `stop`, which is not part of them. */
  static range(stop: number): Dataset<number>;
  static range(start: number, stop: number, step?: number): Dataset<number>;
  static range(first: number, second?: number, step = 1): Dataset<number> {
    const [start, stop] = second === undefined ? [0, first] : [first, second];
    const length = Math.max(0, Math.ceil((stop - start) / step));
    return new Dataset(fromList(Array.from({ length }, (_, index) => start + index * step)));
  }

  /** Data sets side by side: elements are lists or records as the argument is; the shortest one ends it. */
  static zip<const D extends readonly Dataset<unknown>[] | { readonly [name: string]: Dataset<unknown> }>(
    datasets: D,
  ): Dataset<Zipped<D>> {
    const plans = Array.isArray(datasets)
      ? (datasets as readonly Dataset<unknown>[]).map(({ plan }) => plan)
      : Object.fromEntries(Object.entries(datasets).map(([name, { plan }]) => [name, plan]));
    return new Dataset(zip<Zipped<D>>(plans));
  }

  /** Elements of a pass: Infinity where there is no end, undefined where nobody knows before. */
  get cardinality(): number | undefined {
    return this.plan.cardinality;
  }

  /**
   * What `change` makes of each element. An asynchronous function may be called for several elements at once (`parallel`);
   * results keep their order. A layer is applied to the element, or to the inputs in it: the x of `{ x, y }` and `[x, y]`.
   */
  map(layer: LayerLike, options?: MapOptions): Dataset<LayerApplied<T>>;
  map<U>(change: (element: T, context: MapContext) => Eventual<U>, options?: MapOptions): Dataset<U>;
  map<U = unknown>(change: ModuleFunction, options: MapOptions): Dataset<U>;
  map(change: LayerLike | MapFunction<T, unknown> | ModuleFunction, options: MapOptions = {}): Dataset<unknown> {
    if (isLayer(change)) return new Dataset(map(this.plan, layerFunction(change as LayerLike), options)); // isLayer says so
    const apply = change as MapFunction<T, unknown> | ModuleFunction; // no layer
    if (options.workers !== undefined || isModuleFunction(apply))
      return new Dataset(mapInWorkers(this.plan, apply, options.workers ?? true));
    return new Dataset(map(this.plan, apply, options));
  }

  /** The elements for which `keep` is true. */
  filter<S extends T>(keep: (element: T, context: MapContext) => element is S): Dataset<S>;
  filter(keep: Predicate<T>): Dataset<T>;
  filter(keep: Predicate<T>): Dataset<T> {
    return new Dataset(filter(this.plan, keep));
  }

  /** Batches of `size` elements: numbers and arrays are stacked, strings are put in lists. The last one may be smaller. */
  batch(size: number, options?: BatchOptions): Dataset<Batched<T>> {
    return new Dataset(batch(this.plan, size, options));
  }

  /** Batches of elements whose arrays may have different sizes: they are filled up, by default to the largest of the batch. */
  paddedBatch(size: number, options?: PaddedBatchOptions): Dataset<Batched<T>> {
    return new Dataset(paddedBatch(this.plan, size, options));
  }

  /** The elements of batches. */
  unbatch(): Dataset<Row<T>> {
    return new Dataset(unbatch<T, Row<T>>(this.plan));
  }

  /** Batches of another size. */
  rebatch(size: number, options?: BatchOptions): Dataset<Batched<Row<T>>> {
    return this.unbatch().batch(size, options);
  }

  /** The elements in random order, another one each pass: of all elements, or of a buffer of `bufferSize`. */
  shuffle(options?: ShuffleOptions): Dataset<T>;
  shuffle(bufferSize: number | undefined, options?: ShuffleOptions): Dataset<T>;
  shuffle(size?: number | ShuffleOptions, options?: ShuffleOptions): Dataset<T> {
    return new Dataset(
      typeof size === "object" ? shuffle(this.plan, undefined, size) : shuffle(this.plan, size, options),
    );
  }

  /** The elements `count` times, or without end. */
  repeat(count?: number): Dataset<T> {
    return new Dataset(repeat(this.plan, count));
  }

  /** The first `count` elements, or all if there are fewer. */
  take(count: number): Dataset<T> {
    return new Dataset(take(this.plan, count));
  }

  /** All but the first `count` elements. */
  skip(count: number): Dataset<T> {
    return new Dataset(skip(this.plan, count));
  }

  /** Each `count`-th element, from the one with number `index` on. */
  shard(count: number, index: number): Dataset<T> {
    return new Dataset(shard(this.plan, count, index));
  }

  /** Pairs of elements of this data set and of another. */
  zip<U>(other: Dataset<U>): Dataset<readonly [T, U]> {
    return new Dataset(zip<readonly [T, U]>([this.plan, other.plan]));
  }

  /** These elements, then those of another data set. */
  concatenate(other: Dataset<T>): Dataset<T> {
    return new Dataset(concatenate(this.plan, other.plan));
  }

  /** The elements of the data set that each element becomes; several are open at a time and take turns. */
  interleave<U>(
    make: (element: T, context: MapContext) => Eventual<DatasetLike<U>>,
    options: InterleaveOptions = {},
  ): Dataset<U> {
    return new Dataset(interleave("interleave", this.plan, plansOf(make), options));
  }

  /** The elements of the data set that each element becomes, one after the other. */
  flatMap<U>(make: (element: T, context: MapContext) => Eventual<DatasetLike<U>>): Dataset<U> {
    return new Dataset(interleave("flatMap", this.plan, plansOf(make), { cycleLength: 1 }));
  }

  /** Lists of `size` elements that follow each other. */
  window(size: number, options?: WindowOptions): Dataset<readonly T[]> {
    return new Dataset(window(this.plan, size, options));
  }

  /**
   * Keeps the elements of the first whole pass: later passes do not make them again. In memory, or in files of a folder,
   * where later runs of the program find them.
   */
  cache(folder?: string): Dataset<T> {
    return new Dataset(folder === undefined ? cache(this.plan) : diskCache(this.plan, folder));
  }

  /** Makes up to `count` elements before they are asked for. `fit` does that by itself. */
  prefetch(count?: number): Dataset<T> {
    return new Dataset(prefetch(this.plan, count));
  }

  /** Goes through the next pass. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.iterate({ number: this.#passes++ });
  }

  /** Goes through a certain pass, from a certain element on: the same elements whenever it is asked for. */
  async *iterate({
    seed = randomSeed(),
    number = 0,
    skip: first = 0,
  }: Partial<Place> = {}): AsyncGenerator<T, void, undefined> {
    const cursor = openPlan(this.plan, { seed, number });
    try {
      if (first > 0) await cursor.skip(first);
      for (let element = await cursor.next(); element !== end; element = await cursor.next()) yield owned(element);
    } finally {
      await cursor.close();
    }
  }

  /**
   * Goes through a pass and counts: elements, means and extremes of their numbers, shares of classes, and the time in each
   * stage. `take` ends it early.
   */
  stats({ take: most = Number.POSITIVE_INFINITY, seed = randomSeed() }: StatsOptions = {}): Promise<DatasetStats> {
    return statsOf(this.plan, { seed, number: 0 }, most);
  }

  /** All elements of the next pass, in a list. */
  async toArray(): Promise<T[]> {
    const elements: T[] = [];
    for await (const element of this) elements.push(element);
    return elements;
  }
}

export interface StatsOptions {
  /** Elements to look at. Default: all. */
  readonly take?: number | undefined;
  readonly seed?: number | undefined;
}

/** Where a pass over a data set stands. */
export interface Place extends Pick<Pass, "seed" | "number"> {
  /** Elements that have been taken. */
  readonly skip: number;
}

const plansOf =
  <T, U>(make: (element: T, context: MapContext) => Eventual<DatasetLike<U>>): MapFunction<T, Plan<U> | Elements<U>> =>
  async (element, context) => {
    const made = await make(element, context);
    return made instanceof Dataset ? made.plan : made;
  };
