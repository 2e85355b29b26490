import { DataError } from "../../base/errors.ts";
import { isPlain } from "../../nn/structure.ts";
import { after, type Eventual } from "../eventual.ts";
import { type Cursor, type End, end, type Many, openPlan, type Plan } from "../plan.ts";

type Plans = readonly Plan<unknown>[] | { readonly [name: string]: Plan<unknown> };

/** Elements of several data sets side by side, in a list or a record, until the shortest ends. */
export function zip<T>(parts: Plans): Plan<T> {
  const names = isPlain(parts) ? Object.keys(parts) : undefined;
  const plans: readonly Plan<unknown>[] = Object.values(parts);
  if (plans.length === 0) throw new DataError({ what: "zip: there are no data sets", hint: "give at least one" });
  const put = (values: readonly unknown[]): unknown =>
    names === undefined ? values : Object.fromEntries(names.map((name, index) => [name, values[index]]));
  const cardinalities = plans.map(({ cardinality }) => cardinality);
  const known = cardinalities.includes(undefined) ? undefined : Math.min(...(cardinalities as number[])); // none is undefined
  const indexed = plans.every((plan) => plan.indexed);
  return {
    name: "zip",
    inputs: plans,
    cardinality: known,
    indexed,
    open: (pass, order) => {
      const part = order ?? (indexed ? { start: 0, stop: known ?? 0 } : undefined);
      const cursors = plans.map((plan) => openPlan(plan, pass, part));
      const many = cursors.map((cursor) => cursor.many);
      const can = indexed && many.every((each) => each !== undefined);
      const combined = (found: readonly (Many | End)[]): Many | End => {
        if (found.includes(end)) return end;
        const all = found as readonly Many[]; // none is the end
        return { batch: put(all.map(({ batch }) => batch)), count: all[0]!.count };
      };
      return {
        next: () =>
          after(
            allOf(cursors, (cursor) => cursor.next()),
            (values) => (values.includes(end) ? end : (put(values) as T)),
          ), // T is the structure of theirs
        many: can
          ? (count) =>
              after(
                allOf(cursors, (cursor) => cursor.many!(count)),
                combined,
              )
          : undefined, // all can
        skip: (count) =>
          after(
            allOf(cursors, (cursor) => cursor.skip(count)),
            (counts) => Math.min(...counts),
          ),
        close: () =>
          after(
            allOf(cursors, (cursor) => cursor.close()),
            () => {},
          ),
      };
    },
  };
}

/** What `ask` gives for each, at once where none must be waited for. */
function allOf<T, U>(cursors: readonly Cursor<T>[], ask: (cursor: Cursor<T>) => Eventual<U>): Eventual<readonly U[]> {
  const values = cursors.map(ask);
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as U[]); // there is no promise
}
