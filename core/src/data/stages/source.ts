import { ArgumentError, DataError } from "../../base/errors.ts";
import { after, type Eventual } from "../eventual.ts";
import { type Cursor, type End, end, type Pass, type Plan, skipByNext } from "../plan.ts";

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
