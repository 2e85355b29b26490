import { after, type Eventual } from "../eventual.ts";
import { type Cursor, type End, end, openPlan, type Plan, skipByNext } from "../plan.ts";
import { contextOf, type MapContext } from "./context.ts";
import { failure } from "./map.ts";

export type Predicate<T> = (element: T, context: MapContext) => Eventual<boolean>;

/** The elements for which `keep` is true. */
export const filter = <T>(from: Plan<T>, keep: Predicate<T>): Plan<T> => ({
  name: keep.name === "" ? "filter" : `filter(${keep.name})`,
  inputs: [from],
  cardinality: from.cardinality === 0 ? 0 : undefined,
  indexed: false,
  open: (pass) => {
    const upstream = openPlan(from, pass);
    let seen = 0;
    const judged = (element: T): Eventual<boolean> => {
      const index = seen++;
      const failed = (error: unknown): never => {
        throw failure("filter", index, error);
      };
      try {
        const kept = keep(element, contextOf(pass, index));
        return kept instanceof Promise ? kept.catch(failed) : kept;
      } catch (error) {
        return failed(error);
      }
    };
    const cursor: Cursor<T> = {
      next: () => {
        for (;;) {
          const element = upstream.next();
          if (element instanceof Promise) return element.then(chosen);
          if (element === end) return end;
          const kept = judged(element);
          if (kept instanceof Promise) return kept.then((yes) => (yes ? element : cursor.next()));
          if (kept) return element;
        }
      },
      skip: (count) => skipByNext(cursor, count),
      close: () => upstream.close(),
    };
    const chosen = (element: T | End): Eventual<T | End> =>
      element === end ? end : after(judged(element), (yes) => (yes ? element : cursor.next()));
    return cursor;
  },
});
