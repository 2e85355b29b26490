import { ArgumentError, DataError } from "../../base/errors.ts";
import type { Structure } from "../../nn/structure.ts";
import { batchOf, type Column, rowReader } from "../columns.ts";
import { after, type Eventual } from "../eventual.ts";
import { countOf, numberAt, type Order, partOf } from "../order.ts";
import { type Cursor, type End, end, type Pass, type Plan, skipByNext } from "../plan.ts";

/** A cursor over elements that can be had by number. */
export function numbered<T>(
  order: Order,
  at: (index: number) => Eventual<T>,
  batch?: (part: Order) => Eventual<unknown>,
): Cursor<T> {
  const total = countOf(order);
  let place = 0;
  return {
    next: () => (place < total ? at(numberAt(order, place++)) : end),
    skip: (count) => {
      const skipped = Math.min(count, total - place);
      place += skipped;
      return skipped;
    },
    many:
      batch &&
      ((count) => {
        const part = partOf(order, place, place + count);
        const found = countOf(part);
        place += found;
        return found === 0 ? end : after(batch(part), (made) => ({ batch: made, count: found }));
      }),
    close: () => {},
  };
}

/** The rows of columns. */
export const fromColumns = <T>(columns: Structure<Column>, count: number): Plan<T> => ({
  name: "fromTensorSlices",
  inputs: [],
  cardinality: count,
  indexed: true,
  open: (_, order = { start: 0, stop: count }) =>
    numbered(
      order,
      rowReader(columns) as (index: number) => T, // T was made from the type of the columns
      (part) => batchOf(columns, part),
    ),
});

/** The items of a list. */
export const fromList = <T>(items: readonly T[]): Plan<T> => ({
  name: "from",
  inputs: [],
  cardinality: items.length,
  indexed: true,
  open: (_, order = { start: 0, stop: items.length }) => numbered(order, (index) => items[index]!), // orders stay inside
});

export type Elements<T> = Iterable<T> | AsyncIterable<T>;

export interface GeneratorOptions {
  /** How many elements a pass has, where that is known: Infinity if there is no end. */
  readonly cardinality?: number | undefined;
  /** The stage, in messages and statistics. */
  readonly name?: string | undefined;
}

/** What a generator may know of the pass that it makes elements for. */
export type Beginning = Pick<Pass, "seed" | "number">;

/** What a maker of elements is told of a pass; that it asks for the seed is noted. */
export const beginningOf = (pass: Pass): Beginning => ({
  number: pass.number,
  get seed() {
    pass.drew?.();
    return pass.seed;
  },
});

/** The elements of what `make` returns, which is called for each pass. */
export const fromGenerator = <T>(
  make: (pass: Beginning) => Eventual<Elements<T>>,
  { cardinality, name = "fromGenerator" }: GeneratorOptions = {},
): Plan<T> => ({
  name,
  inputs: [],
  cardinality,
  indexed: false,
  open: (pass) => {
    let opened: Eventual<Iterator<T> | AsyncIterator<T>> | undefined;
    let over = false;
    const iterator = (): Eventual<Iterator<T> | AsyncIterator<T>> => {
      opened ??= after(make(beginningOf(pass)), (elements) => iteratorOf(elements, name));
      return opened;
    };
    const taken = ({ done, value }: IteratorResult<T>): T | End => {
      if (done !== true) return value;
      over = true;
      return end;
    };
    const cursor: Cursor<T> = {
      next: () => (over ? end : after(iterator(), (from) => after(from.next() as Eventual<IteratorResult<T>>, taken))),
      skip: (count) => skipByNext(cursor, count),
      close: async () => {
        if (opened === undefined || over) return;
        over = true;
        await (await opened).return?.();
      },
    };
    return cursor;
  },
});

function iteratorOf<T>(elements: Elements<T>, name: string): Iterator<T> | AsyncIterator<T> {
  if (typeof elements === "object" && elements !== null) {
    if (Symbol.asyncIterator in elements) return elements[Symbol.asyncIterator]();
    if (Symbol.iterator in elements) return elements[Symbol.iterator]();
  }
  throw new DataError({
    what: `${name}: the function must return something to iterate over, received ${typeof elements}`,
    hint: "give a generator function: function* () { yield … }",
  });
}

/** An iterator that exists already: it can be gone through once. */
export function fromIterable<T>(elements: Elements<T>): Plan<T> {
  // Collections begin anew each time they are asked; generators and streams return themselves.
  let used = false;
  const own = (elements as { readonly next?: unknown }).next !== undefined;
  return fromGenerator(
    () => {
      if (own && used)
        throw new ArgumentError({
          what: "the iterator has been gone through: it gives its elements once",
          hint: "give a function that makes one: Dataset.fromGenerator(() => …)",
        });
      used = true;
      return elements;
    },
    { name: "from" },
  );
}
