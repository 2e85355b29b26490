import { copied, hasTensors, onHost } from "../element.ts";
import { after, type Eventual } from "../eventual.ts";
import { countOf, numberAt } from "../order.ts";
import { type Cursor, type End, end, openPlan, type Pass, type Plan } from "../plan.ts";
import { numbered } from "./numbered.ts";

/** Whichever pass makes them, elements are those of pass 0: a training that goes on from a file finds what it had. */
export const first = (pass: Pass): Pass => ({ ...pass, number: 0 });

/** Elements as they are made in the first pass, kept in memory. */
export function cache<T>(from: Plan<T>): Plan<T> {
  const name = "cache";
  const { cardinality, indexed } = from;
  return indexed ? cacheByNumber(name, from, cardinality ?? 0) : cacheInOrder(name, from);
}

/** A pass that asks for some elements only, or in another order, keeps those. */
function cacheByNumber<T>(name: string, from: Plan<T>, cardinality: number): Plan<T> {
  // Another seed would have made others.
  let [seed, memory] = [Number.NaN, new Map<number, T>()];
  return {
    name,
    inputs: [from],
    cardinality,
    indexed: true,
    open: (pass, order = { start: 0, stop: cardinality }) => {
      if (pass.seed !== seed) [seed, memory] = [pass.seed, new Map()];
      const kept = memory;
      const numbers = Uint32Array.from({ length: countOf(order) }, (_, place) => numberAt(order, place));
      const missing = new Set(numbers.filter((number) => !kept.has(number)));
      const upstream =
        missing.size === 0
          ? undefined
          : openPlan(
              from,
              pass,
              numbers.filter((number) => missing.has(number)),
            );
      let place = 0;
      return {
        next: () => {
          if (place === numbers.length) return end;
          const number = numbers[place++]!;
          if (upstream === undefined || !missing.has(number)) return copied(kept.get(number) as T); // it is not missing
          return after(upstream.next(), (element) =>
            element === end ? end : keep(element, (own) => kept.set(number, own)),
          );
        },
        skip: (count) => {
          const passed = numbers.subarray(place, place + count);
          place += passed.length;
          const made = passed.filter((number) => missing.has(number)).length;
          return after(upstream?.skip(made) ?? 0, () => passed.length);
        },
        close: () => upstream?.close(),
      };
    },
  };
}

/** A pass that goes through all elements keeps them. */
function cacheInOrder<T>(name: string, from: Plan<T>): Plan<T> {
  let [seed, kept]: [number, readonly T[] | undefined] = [Number.NaN, undefined]; // another seed would have made others
  const plan = {
    name,
    inputs: [from],
    get cardinality() {
      return kept?.length ?? from.cardinality;
    },
    indexed: false,
    open: (pass: Pass): Cursor<T> => {
      const whole = kept;
      if (whole !== undefined && pass.seed === seed)
        return numbered({ start: 0, stop: whole.length }, (index) => copied(whole[index]!)); // inside
      const upstream = openPlan(from, first(pass));
      const own: T[] = [];
      let complete = true;
      return {
        next: () =>
          after(upstream.next(), (element): Eventual<T | End> => {
            if (element !== end) return keep(element, (each) => own.push(each));
            if (complete) [seed, kept] = [pass.seed, own];
            return end;
          }),
        skip: (count) => {
          if (count > 0) complete = false;
          return upstream.skip(count);
        },
        close: () => upstream.close(),
      };
    },
  };
  return plan;
}

/** Keeps a copy of an element; its tensors are read, because their memory may be given back. */
function keep<T>(element: T, put: (own: T) => void): Eventual<T> {
  const kept = (own: T): T => {
    put(copied(own));
    return own;
  };
  return hasTensors(element) ? (onHost(element) as Promise<T>).then(kept) : kept(element); // arrays where tensors were
}
