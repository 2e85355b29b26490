import type { Structure } from "../../nn/structure.ts";
import { batchOf, type Column, columnsOf, joined, rowReader, rowsIn } from "../columns.ts";
import { type Batched, hasTensors, onHost, stack } from "../element.ts";
import { after, type Eventual } from "../eventual.ts";
import { countOf, numberAt, type Order } from "../order.ts";
import { type Cursor, collect, type End, end, type Many, openPlan, type Plan, skipByNext } from "../plan.ts";
import { demandCount } from "./demand.ts";

export interface BatchOptions {
  /** Whether a last batch that is not full is left out. Default false. */
  readonly dropRemainder?: boolean | undefined;
}

/** How elements become a batch; `first` is the number of the first one. */
export type Collate = (elements: readonly unknown[], first: number) => Eventual<unknown>;

/** Batches of `size` elements; the last one may be smaller. */
export function batch<T>(from: Plan<T>, size: number, { dropRemainder = false }: BatchOptions = {}): Plan<Batched<T>> {
  demandCount("batch: the size", size);
  return batches("batch", from, size, dropRemainder, (elements, first) => stack(elements, first));
}

export function batches<T, U>(
  name: string,
  from: Plan<T>,
  size: number,
  dropRemainder: boolean,
  collate: Collate,
): Plan<U> {
  const { cardinality } = from;
  const round = dropRemainder ? Math.floor : Math.ceil;
  return {
    name,
    inputs: [from],
    cardinality: cardinality === undefined ? undefined : round(cardinality / size),
    indexed: from.indexed,
    open: (pass, order) => {
      // In another order of batches, the elements stand in another order.
      const upstream = openPlan(from, pass, order && elementsOf(order, size, cardinality ?? 0));
      let seen = 0;
      const given = (count: number, made: Eventual<unknown>): Eventual<U | End> => {
        if (count === 0 || (dropRemainder && count < size)) return end;
        seen += count;
        return made as Eventual<U>; // the collation makes what the type says
      };
      const gathered = (many: Many | End): Eventual<U | End> => (many === end ? end : given(many.count, many.batch));
      const stacked = (elements: readonly T[]): Eventual<U | End> =>
        given(elements.length, elements.length === 0 ? undefined : collate(elements, seen));
      // The last batch may be anywhere in another order, and is not full there either.
      const sizes = order === undefined ? undefined : sizesOf(order, size, cardinality ?? 0);
      let place = 0;
      const nextSize = (): number => (sizes === undefined ? size : (sizes[place++] ?? 0));
      return {
        next: () => {
          const wanted = nextSize();
          if (wanted === 0) return end;
          return upstream.many === undefined
            ? after(collect(upstream, wanted), stacked)
            : after(upstream.many(wanted), gathered);
        },
        skip: (count) => {
          if (sizes === undefined)
            return after(upstream.skip(count * size), (skipped) => {
              seen += skipped;
              return round(skipped / size);
            });
          const passed = sizes.slice(place, place + count);
          place += passed.length;
          return after(upstream.skip(passed.reduce((sum, each) => sum + each, 0)), () => passed.length);
        },
        close: () => upstream.close(),
      };
    },
  };
}

/** The numbers of the elements of the batches of `order`. */
function elementsOf(order: Order, size: number, total: number): Order {
  if (!(order instanceof Uint32Array)) return { start: order.start * size, stop: Math.min(order.stop * size, total) };
  const sizes = sizesOf(order, size, total);
  const numbers = new Uint32Array(sizes.reduce((sum, each) => sum + each, 0));
  let at = 0;
  order.forEach((batch, place) => {
    for (let index = 0; index < sizes[place]!; index++) numbers[at++] = batch * size + index;
  });
  return numbers;
}

const sizesOf = (order: Order, size: number, total: number): number[] =>
  Array.from({ length: countOf(order) }, (_, place) => Math.min(size, total - numberAt(order, place) * size));

/** The rows of batches, one after the other. */
export const unbatch = <T, U>(from: Plan<T>): Plan<U> => ({
  name: "unbatch",
  inputs: [from],
  cardinality: from.cardinality === 0 || from.cardinality === Number.POSITIVE_INFINITY ? from.cardinality : undefined,
  indexed: false,
  open: (pass) => {
    const upstream = openPlan(from, pass);
    let held: { readonly columns: Structure<Column>; readonly count: number; read(index: number): unknown } | undefined;
    let at = 0;
    /** Whether there is a row to give. */
    const filled = (): Eventual<boolean> => {
      if (held !== undefined && at < held.count) return true;
      return after(upstream.next(), (batch): Eventual<boolean> => {
        if (batch === end) return false;
        return after(hasTensors(batch) ? onHost(batch) : batch, (read) => {
          const columns = columnsOf(read, "unbatch");
          held = { columns, count: rowsIn(columns, "unbatch"), read: rowReader(columns) };
          at = 0;
          return filled();
        });
      });
    };
    const piece = (most: number): Many => {
      const { columns, count } = held!; // there is a row to give
      const stop = Math.min(count, at + most);
      const whole = { batch: batchOf(columns, { start: at, stop }), count: stop - at };
      at = stop;
      return whole;
    };
    const many = async (count: number): Promise<Many | End> => {
      const pieces: Many[] = [];
      let left = count;
      while (left > 0 && (await filled())) {
        const next = piece(left);
        pieces.push(next);
        left -= next.count;
      }
      if (pieces.length === 0) return end;
      return {
        batch: joined(
          pieces.map((each) => each.batch),
          "rebatch",
        ),
        count: count - left,
      };
    };
    const cursor: Cursor<U> = {
      next: () => after(filled(), (yes): U | End => (yes ? (held!.read(at++) as U) : end)), // U are the rows of T
      skip: (count) => skipByNext(cursor, count),
      many,
      close: () => upstream.close(),
    };
    return cursor;
  },
});
