import { ChainruleError, DataError } from "../../base/errors.ts";
import { after, type Eventual } from "../eventual.ts";
import { countOf, numberAt, type Order } from "../order.ts";
import { type Cursor, type End, end, openPlan, type Plan } from "../plan.ts";
import { contextOf, type MapContext } from "./context.ts";

export type MapFunction<T, U> = (element: T, context: MapContext) => Eventual<U>;

export interface MapOptions {
  /** How many calls of an asynchronous function may be under way at once; results keep their order. Default 1. */
  readonly parallel?: number | undefined;
  /**
   * Calls the function in so many threads, or in as many as there are processors: for work that takes its time. It must use
   * nothing from outside of itself, or be given as `{ module, name }`. Elements are copied there and back.
   */
  readonly workers?: number | true | undefined;
}

/** The error of a user's function, with the number of the element that it failed at. */
export function failure(stage: string, index: number, error: unknown): Error {
  if (error instanceof DOMException && error.name === "AbortError") return error;
  const what =
    error instanceof ChainruleError ? error.parts.what : error instanceof Error ? error.message : String(error);
  const details = error instanceof ChainruleError ? error.parts : {};
  const told = new DataError({ ...details, what: `${stage}: the function threw at element ${index}: ${what}` });
  told.cause = error;
  return told;
}

/** Applies `change` to each element. */
export function map<T, U>(from: Plan<T>, change: MapFunction<T, U>, { parallel = 1 }: MapOptions = {}): Plan<U> {
  const name = change.name === "" ? "map" : `map(${change.name})`;
  return {
    name,
    inputs: [from],
    cardinality: from.cardinality,
    indexed: from.indexed,
    open: (pass, order) => {
      const upstream = openPlan(from, pass, order);
      const apply = (element: T, index: number): Eventual<U> => {
        try {
          const made = change(element, contextOf(pass, index));
          return made instanceof Promise
            ? made.catch((error: unknown) => Promise.reject(failure(name, index, error)))
            : made;
        } catch (error) {
          throw failure(name, index, error);
        }
      };
      return parallel > 1 ? abreast(upstream, apply, parallel, order) : oneByOne(upstream, apply, order);
    },
  };
}

/** Numbers of the elements that a cursor gives, one call after the other. */
class Numbers {
  readonly #order: Order | undefined;
  #place = 0;

  constructor(order: Order | undefined) {
    this.#order = order;
  }

  next(): number {
    const place = this.#place++;
    if (this.#order === undefined) return place;
    return place < countOf(this.#order) ? numberAt(this.#order, place) : place;
  }

  pass(count: number): number {
    this.#place += count;
    return count;
  }
}

export type Apply<T, U> = (element: T, index: number) => Eventual<U>;

function oneByOne<T, U>(from: Cursor<T>, apply: Apply<T, U>, order: Order | undefined): Cursor<U> {
  const numbers = new Numbers(order);
  return {
    next: () =>
      after(from.next(), (element): Eventual<U | End> => (element === end ? end : apply(element, numbers.next()))),
    skip: (count) => after(from.skip(count), (skipped) => numbers.pass(skipped)),
    close: () => from.close(),
  };
}

/** Several calls at once; results in order, and never more than `limit` that nobody has taken. */
export function abreast<T, U>(from: Cursor<T>, apply: Apply<T, U>, limit: number, order: Order | undefined): Cursor<U> {
  const numbers = new Numbers(order);
  const underWay: Promise<U | End>[] = [];
  /** Elements are asked for one after the other. */
  let reading: Promise<unknown> = Promise.resolve();
  const begin = (): void => {
    const element = reading.then(() => from.next());
    reading = element.catch(() => {}); // whoever takes the result hears of it
    const made = element.then((found): Eventual<U | End> => (found === end ? end : apply(found, numbers.next())));
    made.catch(() => {}); // as above
    underWay.push(made);
  };
  const cursor: Cursor<U> = {
    next: () => {
      while (underWay.length < limit) begin();
      return underWay.shift()!; // there is one now
    },
    skip: async (count) => {
      let skipped = 0;
      for (; skipped < count && underWay.length > 0; skipped++) if ((await underWay.shift()) === end) return skipped;
      await reading;
      return skipped + numbers.pass(await from.skip(count - skipped));
    },
    close: async () => {
      await Promise.allSettled(underWay.splice(0));
      await from.close();
    },
  };
  return cursor;
}
