import { uniformSource } from "./random.ts";

/** Numbers of elements in the order in which they are wanted: a run of them, or any. */
export type Order = Range | Uint32Array;

/** From `start` to `stop`, which is not part of it. */
export interface Range {
  readonly start: number;
  readonly stop: number;
}

export const countOf = (order: Order): number =>
  order instanceof Uint32Array ? order.length : order.stop - order.start;

export const numberAt = (order: Order, place: number): number =>
  order instanceof Uint32Array ? order[place]! : order.start + place; // callers stay inside

/** The numbers at the places from `start` to `stop`, as far as they exist. */
export function partOf(order: Order, start: number, stop: number): Order {
  if (order instanceof Uint32Array) return order.subarray(start, stop);
  const first = Math.min(order.start + start, order.stop);
  return { start: first, stop: Math.max(first, Math.min(order.start + stop, order.stop)) };
}

/** The numbers that `inner` has at the places that `outer` names. */
export function through(outer: Order, inner: Order): Order {
  if (!(outer instanceof Uint32Array)) return partOf(inner, outer.start, outer.stop);
  return outer.map((place) => numberAt(inner, place));
}

/** A number that two numbers decide, as different for neighbours as for strangers (the finalizer of MurmurHash3). */
export function mixed(seed: number, number: number): number {
  let hash = Math.imul(seed ^ (seed / 4294967296), 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * The places of a shuffle's buffer: filled with the first elements, it gives one at random for each that comes, then the
 * rest at random. With room for all elements, every order is as likely as any other.
 */
export class Draws {
  readonly #uniform: () => number;

  constructor(seed: number, pass: number) {
    this.#uniform = uniformSource(mixed(seed, pass));
  }

  /** Which of `held` elements is the next one. */
  next(held: number): number {
    return Math.floor(this.#uniform() * held);
  }
}

/** The order in which a buffer of `size` elements gives `count` elements. */
export function bufferedOrder(count: number, size: number, seed: number, pass: number): Uint32Array {
  const draws = new Draws(seed, pass);
  const order = new Uint32Array(count);
  const held = Uint32Array.from({ length: Math.min(size, count) }, (_, index) => index);
  let room = held.length;
  let coming = room;
  for (let place = 0; place < count; place++) {
    const slot = draws.next(room);
    order[place] = held[slot]!;
    held[slot] = coming < count ? coming++ : held[--room]!;
  }
  return order;
}
