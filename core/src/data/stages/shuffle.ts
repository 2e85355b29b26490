import { stack } from "../element.ts";
import { after, type Eventual } from "../eventual.ts";
import { bufferedOrder, Draws, mixed, through } from "../order.ts";
import {
  type Cursor,
  collect,
  type End,
  end,
  type Many,
  openPlan,
  type Pass,
  type Plan,
  type Unmade,
} from "../plan.ts";
import { demandCount } from "./demand.ts";

export interface ShuffleOptions {
  /** Decides the orders, together with the number of the pass. Default: the seed of the pass. */
  readonly seed?: number | undefined;
  /** Whether each pass has an order of its own. Default true. */
  readonly reshuffleEachIteration?: boolean | undefined;
}

/**
 * The elements in random order: those of a buffer of `size`, which is filled up as it is emptied. With room for all of
 * them, every order is as likely as any other.
 */
export function shuffle<T>(
  from: Plan<T>,
  size = Number.POSITIVE_INFINITY,
  { seed, reshuffleEachIteration = true }: ShuffleOptions = {},
): Plan<T> {
  if (size !== Number.POSITIVE_INFINITY) demandCount("shuffle: the size of the buffer", size);
  // Shuffles that follow each other must not repeat themselves.
  const stage = shufflesIn(from);
  const seeds = (pass: Pass): readonly [number, number] => [
    mixed(seed ?? pass.seed, stage),
    reshuffleEachIteration ? pass.number : 0,
  ];
  const { cardinality } = from;
  return {
    name: "shuffle",
    inputs: [from],
    cardinality,
    indexed: from.indexed,
    open: (pass, order) => {
      const [own, number] = seeds(pass);
      if (seed === undefined) pass.drew?.();
      if (!from.indexed || cardinality === undefined) return buffered(from, pass, size, () => new Draws(own, number));
      const mine = bufferedOrder(cardinality, Math.min(size, cardinality), own, number);
      return openPlan(from, pass, order === undefined ? mine : through(order, mine));
    },
  };
}

const shufflesIn = (plan: Plan<unknown>): number =>
  plan.inputs.reduce((sum, input) => sum + shufflesIn(input), plan.name === "shuffle" ? 1 : 0);

/** The elements in the order of a buffer; it holds numbers where elements can be made when it is their turn. */
function buffered<T>(from: Plan<T>, pass: Pass, size: number, begin: () => Draws): Cursor<T> {
  const upstream = openPlan(from, pass);
  const isUnmade = upstream.unmade !== undefined;
  const again = (): Cursor<T> => openPlan(from, pass);
  if (!isUnmade) return drawn<T>(upstream, again, size, begin);
  const numbers = (cursor: Cursor<T>): Source<Unmade<T>> => ({
    next: () => cursor.unmade!(), // all of the plan can
    skip: (count) => cursor.skip(count),
    close: () => cursor.close(),
  });
  const draws = drawn<Unmade<T>>(numbers(upstream), () => numbers(again()), size, begin);
  let seen = 0;
  const made = (chosen: readonly Unmade<T>[]): Eventual<Many | End> => {
    const first = seen;
    seen += chosen.length;
    if (chosen.length === 0) return end;
    return after(batchOf(chosen, first), (batch) => ({ batch, count: chosen.length }));
  };
  return {
    next: () =>
      after(draws.next(), (chosen): Eventual<T | End> => {
        if (chosen === end) return end;
        seen++;
        return chosen.maker.at(chosen.index);
      }),
    many: (count) => after(collect(draws, count), made),
    skip: (count) =>
      after(draws.skip(count), (skipped) => {
        seen += skipped;
        return skipped;
      }),
    close: () => draws.close(),
  };
}

/** Elements of one source as one batch; `first` is the number of the first one, for messages. */
function batchOf<T>(chosen: readonly Unmade<T>[], first: number): Eventual<unknown> {
  const { maker } = chosen[0]!; // there is one
  if (chosen.every((each) => each.maker === maker)) return maker.batch(Uint32Array.from(chosen, ({ index }) => index));
  const elements = chosen.map((each) => each.maker.at(each.index));
  return Promise.all(elements).then((all) => stack(all, first));
}

type Source<T> = Pick<Cursor<T>, "next" | "skip" | "close">;

function drawn<T>(opened: Source<T>, reopen: () => Source<T>, size: number, begin: () => Draws): Source<T> {
  let upstream = opened;
  let draws = begin();
  const held: T[] = [];
  let dry = false;
  const filled = (): Eventual<boolean> => {
    while (!dry && held.length < size) {
      const element = upstream.next();
      if (element instanceof Promise) return element.then(put).then(filled);
      put(element);
    }
    return held.length > 0;
  };
  const put = (element: T | End): void => {
    if (element === end) dry = true;
    else held.push(element);
  };
  const next = (): Eventual<T | End> =>
    after(filled(), (some): Eventual<T | End> => {
      if (!some) return end;
      const slot = draws.next(held.length);
      const chosen = held[slot]!; // the slot is one of those held
      // The one that comes takes the place of the one that goes.
      return after(dry ? end : upstream.next(), (coming): T => {
        if (coming === end) {
          dry = true;
          held[slot] = held.at(-1)!; // there is one
          held.pop();
        } else held[slot] = coming;
        return chosen;
      });
    });
  return { next, skip: skipDrawn, close: () => upstream.close() };

  /** Draws numbers instead of elements, and gets those elements that are still in the buffer then. */
  async function skipDrawn(count: number): Promise<number> {
    if (count === 0) return 0;
    if (held.length > 0 || size === Number.POSITIVE_INFINITY || count < size) return skipMaking(count);
    const numbers = Array.from({ length: size }, (_, index) => index);
    for (let skipped = 0; skipped < count; skipped++) numbers[draws.next(size)] = size + skipped;
    const wanted = numbers.map((number, slot) => ({ number, slot })).sort((a, b) => a.number - b.number);
    let at = 0;
    for (const { number, slot } of wanted) {
      at += await upstream.skip(number - at);
      const element = await upstream.next();
      if (element === end) return again(count); // near its end, the buffer is drawn from in another way
      at++;
      held[slot] = element;
    }
    return count;
  }

  async function again(count: number): Promise<number> {
    await upstream.close();
    [upstream, draws, dry] = [reopen(), begin(), false];
    held.length = 0;
    return skipMaking(count);
  }

  async function skipMaking(count: number): Promise<number> {
    for (let skipped = 0; skipped < count; skipped++) if ((await next()) === end) return skipped;
    return count;
  }
}
