import type { Structure } from "../../nn/structure.ts";
import { batchOf, type Column, rowReader } from "../columns.ts";
import { after, type Eventual } from "../eventual.ts";
import { countOf, numberAt, type Order, partOf } from "../order.ts";
import { type Cursor, end, type Maker, type Plan } from "../plan.ts";

/** A cursor over elements that can be had by number. */
export function numbered<T>(
  order: Order,
  at: (index: number) => Eventual<T>,
  batch?: (part: Order) => Eventual<unknown>,
  maker?: Maker<T>,
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
    unmade: maker && (() => (place < total ? { index: numberAt(order, place++), maker } : end)),
    close: () => {},
  };
}

/** The rows of columns. */
export function fromColumns<T>(columns: Structure<Column>, count: number): Plan<T> {
  const maker: Maker<T> = {
    at: rowReader(columns) as (index: number) => T, // T was made from the type of the columns
    batch: (part) => batchOf(columns, part),
  };
  return {
    name: "fromTensorSlices",
    inputs: [],
    cardinality: count,
    indexed: true,
    open: (_, order = { start: 0, stop: count }) => numbered(order, maker.at, maker.batch, maker),
  };
}

/** The items of a list. */
export const fromList = <T>(items: readonly T[]): Plan<T> => ({
  name: "from",
  inputs: [],
  cardinality: items.length,
  indexed: true,
  open: (_, order = { start: 0, stop: items.length }) => numbered(order, (index) => items[index]!), // orders stay inside
});
