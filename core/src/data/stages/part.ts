import { joined } from "../columns.ts";
import { after, type Eventual } from "../eventual.ts";
import { countOf, numberAt, type Order, through } from "../order.ts";
import { type Cursor, type End, end, type Many, openPlan, type Plan, type Unmade } from "../plan.ts";
import { demandCount } from "./demand.ts";

/** At most `count` elements. */
export function take<T>(from: Plan<T>, count: number): Plan<T> {
  const most = count === Number.POSITIVE_INFINITY ? count : demandCount("take: the count", count, 0);
  return part("take", from, 0, most);
}

/** All but the first `count` elements. */
export const skip = <T>(from: Plan<T>, count: number): Plan<T> =>
  part("skip", from, demandCount("skip: the count", count, 0), Number.POSITIVE_INFINITY);

function part<T>(name: string, from: Plan<T>, start: number, stop: number): Plan<T> {
  const { cardinality } = from;
  const known = cardinality === undefined ? undefined : Math.max(0, Math.min(cardinality, stop) - start);
  return {
    name,
    inputs: [from],
    // A number of elements that nobody knows is not above that which are taken.
    cardinality: stop === 0 ? 0 : known,
    indexed: from.indexed,
    open: (pass, order) => {
      if (from.indexed) {
        const mine = { start, stop: Math.min(cardinality ?? 0, stop) };
        const none = { start: 0, stop: 0 };
        const own = mine.stop <= mine.start ? none : mine;
        return openPlan(from, pass, order === undefined ? own : through(order, own));
      }
      return limited(openPlan(from, pass), start, stop - start);
    },
  };
}

function limited<T>(from: Cursor<T>, start: number, most: number): Cursor<T> {
  let ahead = start;
  let left = most;
  /** The elements before the part are gone past when the first one is wanted. */
  const begun = <U>(then: () => U | Promise<U>): U | Promise<U> => {
    if (ahead === 0) return then();
    const count = ahead;
    ahead = 0;
    return after(from.skip(count), then);
  };
  const { many, unmade } = from;
  return {
    next: () => begun((): T | End | Promise<T | End> => (left-- > 0 ? from.next() : end)),
    unmade: unmade && (() => begun((): Eventual<Unmade<T> | End> => (left-- > 0 ? unmade() : end))),
    skip: (count) =>
      begun(() =>
        after(from.skip(Math.min(count, Math.max(0, left))), (skipped) => {
          left -= skipped;
          return skipped;
        }),
      ),
    many:
      many &&
      ((count) =>
        begun(() => {
          const wanted = Math.min(count, left);
          if (wanted <= 0) return end;
          return after(many(wanted), (found: Many | End) => {
            if (found !== end) left -= found.count;
            return found;
          });
        })),
    close: () => from.close(),
  };
}

/** Each `count`-th element, from the one with number `index` on: one of `count` parts that have no element in common. */
export function shard<T>(from: Plan<T>, count: number, index: number): Plan<T> {
  demandCount("shard: the number of parts", count);
  demandCount("shard: the number of the part", index, 0);
  const { cardinality } = from;
  const known =
    cardinality === undefined || cardinality === Number.POSITIVE_INFINITY
      ? cardinality
      : Math.max(0, Math.ceil((cardinality - index) / count));
  return {
    name: "shard",
    inputs: [from],
    cardinality: known,
    indexed: from.indexed,
    open: (pass, order) => {
      if (from.indexed) {
        const mine = Uint32Array.from({ length: known ?? 0 }, (_, place) => index + place * count);
        return openPlan(from, pass, order === undefined ? mine : through(order, mine));
      }
      const upstream = openPlan(from, pass);
      let ahead = index;
      const next = (): ReturnType<typeof upstream.next> =>
        after(upstream.skip(ahead), () => {
          ahead = count - 1;
          return upstream.next();
        });
      return {
        next,
        skip: (wanted) => {
          if (wanted === 0) return 0;
          const before = ahead;
          ahead = count - 1;
          return after(upstream.skip(before + 1 + (wanted - 1) * count), (skipped) =>
            Math.max(0, Math.ceil((skipped - before) / count)),
          );
        },
        close: () => upstream.close(),
      };
    },
  };
}

/** The elements of one data set, then those of another. */
export function concatenate<T>(first: Plan<T>, second: Plan<T>): Plan<T> {
  const { cardinality } = first;
  const known =
    cardinality === undefined || second.cardinality === undefined ? undefined : cardinality + second.cardinality;
  const indexed = first.indexed && second.indexed;
  return {
    name: "concatenate",
    inputs: [first, second],
    cardinality: known,
    indexed,
    open: (pass, order) =>
      indexed && order !== undefined
        ? picked(first, second, cardinality ?? 0, order, (plan, own) => openPlan(plan, pass, own))
        : chained([() => openPlan(first, pass), () => openPlan(second, pass)]),
  };
}

/** So many cursors without elements one after the other are taken for the end. */
const mostEmpty = 1000;

/** Cursors one after the other; each is opened when the one before has ended. With `alike`, all can do what the first can. */
export function chained<T>(openers: Iterable<() => Cursor<T>>, alike = false): Cursor<T> {
  const waiting = openers[Symbol.iterator]();
  let current: Cursor<T> | undefined;
  let empty = 0;
  /** Whether there is a cursor to ask. */
  const opened = (): Cursor<T> | undefined => {
    if (current === undefined) {
      const { done, value } = waiting.next();
      if (done !== true) current = value();
    }
    return current;
  };
  const ended = async (cursor: Cursor<T>): Promise<void> => {
    await cursor.close();
    current = undefined;
  };
  const asked = <U>(ask: (cursor: Cursor<T>) => Eventual<U | End>): (() => Eventual<U | End>) => {
    const next = (): Eventual<U | End> => {
      const cursor = opened();
      if (cursor === undefined) return end;
      return after(ask(cursor), (element): Eventual<U | End> => {
        if (element !== end) {
          empty = 0;
          return element;
        }
        // An endless row of cursors without elements would be waited for for ever.
        if (++empty > mostEmpty) return end;
        return ended(cursor).then(next);
      });
    };
    return next;
  };
  /** A batch may take its elements from the end of one cursor and the beginning of the next. */
  const many = async (count: number): Promise<Many | End> => {
    const pieces: Many[] = [];
    let left = count;
    for (let cursor = opened(); left > 0 && cursor?.many !== undefined && empty <= mostEmpty; cursor = opened()) {
      const piece = await cursor.many(left);
      empty = piece === end ? empty + 1 : 0;
      if (piece === end) await ended(cursor);
      else {
        pieces.push(piece);
        left -= piece.count;
      }
    }
    const batches = pieces.map(({ batch }) => batch);
    return pieces.length === 0 ? end : { batch: joined(batches, "batch"), count: count - left };
  };
  return {
    next: asked((cursor) => cursor.next()),
    many: alike && opened()?.many !== undefined ? many : undefined,
    unmade: alike && opened()?.unmade !== undefined ? asked((cursor) => cursor.unmade!()) : undefined, // all can
    skip: async (count) => {
      let left = count;
      for (let cursor = opened(); left > 0 && cursor !== undefined && empty <= mostEmpty; cursor = opened()) {
        const skipped = await cursor.skip(left);
        left -= skipped;
        empty = skipped === 0 ? empty + 1 : 0;
        if (left > 0) await ended(cursor);
      }
      return count - left;
    },
    close: () => current?.close(),
  };
}

/** Elements of two indexed stages in one order. */
function picked<T>(
  first: Plan<T>,
  second: Plan<T>,
  boundary: number,
  order: Order,
  open: (plan: Plan<T>, order: Order) => Cursor<T>,
): Cursor<T> {
  const numbers = Array.from({ length: countOf(order) }, (_, place) => numberAt(order, place));
  const of = [
    Uint32Array.from(numbers.filter((number) => number < boundary)),
    Uint32Array.from(
      numbers.filter((number) => number >= boundary),
      (number) => number - boundary,
    ),
  ] as const;
  const cursors = [open(first, of[0]), open(second, of[1])] as const;
  let place = 0;
  return {
    next: () => (place === numbers.length ? end : cursors[numbers[place++]! < boundary ? 0 : 1].next()),
    skip: async (count) => {
      const part = numbers.slice(place, place + count);
      place += part.length;
      const low = part.filter((number) => number < boundary).length;
      await cursors[0].skip(low);
      await cursors[1].skip(part.length - low);
      return part.length;
    },
    close: async () => {
      for (const cursor of cursors) await cursor.close();
    },
  };
}
