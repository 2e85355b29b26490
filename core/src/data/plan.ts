import { after, type Eventual } from "./eventual.ts";
import type { Order } from "./order.ts";

/** What a cursor gives when there are no more elements, again and again. */
export const end: unique symbol = Symbol("end");
export type End = typeof end;

/** One pass over a data set: what its random choices follow. */
export interface Pass {
  readonly seed: number;
  /** Passes count from 0. */
  readonly number: number;
  /** Told when a stage uses the seed: a cache that files keep is then one of this seed. */
  readonly drew?: (() => void) | undefined;
  /** Counts what the stages do, when somebody wants to know. */
  readonly meter?: Meter | undefined;
}

/** The elements of one pass, one after the other. Whoever calls waits for one call before the next. */
export interface Cursor<T> {
  next(): Eventual<T | End>;
  /** Goes past `count` elements without making them where that can be avoided; how many there were. */
  skip(count: number): Eventual<number>;
  /**
   * The next elements, at most `count`, as a batch: only of stages that have no need to make one after the other.
   * Undefined where a pass has only single elements.
   */
  readonly many?: ((count: number) => Eventual<Many | End>) | undefined;
  /** The next element before it is made: only where that can be done at any time. Each element is had by one of these calls. */
  readonly unmade?: (() => Eventual<Unmade<T> | End>) | undefined;
  close(): Eventual<void>;
}

/** An element that can be made when it is wanted: who holds many of them holds numbers. */
export interface Unmade<T> {
  readonly index: number;
  readonly maker: Maker<T>;
}

/** Makes elements by their numbers, or several as one batch. */
export interface Maker<T> {
  at(index: number): Eventual<T>;
  batch(part: Order): Eventual<unknown>;
}

/** Several elements as one value in which each leaf has one more axis. */
export interface Many {
  readonly batch: unknown;
  readonly count: number;
}

/** How a data set is made: a stage over others. Opening it begins a pass; nothing happens before. */
export interface Plan<T> {
  /** The stage, for people: "shuffle". */
  readonly name: string;
  readonly inputs: readonly Plan<unknown>[];
  /** Elements of a pass: Infinity where there is no end, undefined where nobody knows before. */
  readonly cardinality: number | undefined;
  /** Whether elements can be had in any order, by number; then `open` takes one. */
  readonly indexed: boolean;
  open(pass: Pass, order?: Order): Cursor<T>;
}

/** Listens to the stages of a pass. */
export interface Meter {
  watch<T>(plan: Plan<T>, cursor: Cursor<T>): Cursor<T>;
}

/** Begins a pass of a stage; with `order` only of an indexed one. */
export function openPlan<T>(plan: Plan<T>, pass: Pass, order?: Order): Cursor<T> {
  const cursor = plan.open(pass, order);
  return pass.meter === undefined ? cursor : pass.meter.watch(plan, cursor);
}

/** Goes past elements by making them. */
export function skipByNext<T>(cursor: Pick<Cursor<T>, "next">, count: number): Eventual<number> {
  for (let skipped = 0; skipped < count; skipped++) {
    const element = cursor.next();
    if (element instanceof Promise) return skipRest(cursor, element, skipped, count);
    if (element === end) return skipped;
  }
  return count;
}

async function skipRest<T>(
  cursor: Pick<Cursor<T>, "next">,
  first: Promise<T | End>,
  skipped: number,
  count: number,
): Promise<number> {
  for (let element = await first; element !== end; element = await cursor.next()) if (++skipped === count) return count;
  return skipped;
}

/** The next elements, at most `count`, in a list. */
export function collect<T>(cursor: Pick<Cursor<T>, "next">, count: number): Eventual<T[]> {
  const elements: T[] = [];
  while (elements.length < count) {
    const element = cursor.next();
    if (element instanceof Promise) return collectRest(cursor, element, elements, count);
    if (element === end) break;
    elements.push(element);
  }
  return elements;
}

async function collectRest<T>(
  cursor: Pick<Cursor<T>, "next">,
  first: Promise<T | End>,
  elements: T[],
  count: number,
): Promise<T[]> {
  for (let element = await first; element !== end; element = await cursor.next()) {
    elements.push(element);
    if (elements.length === count) break;
  }
  return elements;
}

/** The cursor of a stage that changes each element of another. */
export const mapped = <T, U>(from: Cursor<T>, change: (element: T) => Eventual<U>): Cursor<U> => ({
  next: () => after(from.next(), (element): Eventual<U | End> => (element === end ? end : change(element))),
  skip: (count) => from.skip(count),
  close: () => from.close(),
});
