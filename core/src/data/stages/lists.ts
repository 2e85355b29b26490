import { after, type Eventual } from "../eventual.ts";
import { type Cursor, type End, end, type Plan } from "../plan.ts";
import { type Beginning, beginningOf } from "./source.ts";

/** Elements that come in lists, as those of a file do: what is in a list needs no waiting. */
export const fromLists = <T>(
  name: string,
  open: (pass: Beginning) => AsyncIterable<readonly T[]>,
  cardinality?: number,
): Plan<T> => ({
  name,
  inputs: [],
  cardinality,
  indexed: false,
  open: (pass) => {
    let lists: AsyncIterator<readonly T[]> | undefined;
    let list: readonly T[] = [];
    let at = 0;
    let over = false;
    /** Whether there is an element in the list. */
    const filled = (): Eventual<boolean> => {
      if (at < list.length) return true;
      if (over) return false;
      lists ??= open(beginningOf(pass))[Symbol.asyncIterator]();
      return lists.next().then(({ done, value }) => {
        over = done === true;
        [list, at] = [over ? [] : value, 0];
        return filled();
      });
    };
    const cursor: Cursor<T> = {
      next: () => after(filled(), (some): T | End => (some ? list[at++]! : end)), // filled has seen it
      skip: async (count) => {
        let left = count;
        while (left > 0 && (await filled())) {
          const passed = Math.min(left, list.length - at);
          at += passed;
          left -= passed;
        }
        return count - left;
      },
      close: async () => {
        over = true;
        [list, at] = [[], 0];
        await lists?.return?.();
      },
    };
    return cursor;
  },
});
