import { after, type Eventual } from "../eventual.ts";
import { type Cursor, collect, type End, end, openPlan, type Plan } from "../plan.ts";
import { demandCount } from "./demand.ts";

export interface WindowOptions {
  /** Elements from the beginning of one window to that of the next. Default: the size, so that windows do not overlap. */
  readonly shift?: number | undefined;
  /** Elements from one of a window to the next in it. Default 1. */
  readonly stride?: number | undefined;
  /** Whether windows at the end that are not full are left out. Default true. */
  readonly dropRemainder?: boolean | undefined;
}

/** Lists of `size` elements that follow each other. */
export function window<T>(
  from: Plan<T>,
  size: number,
  { shift = size, stride = 1, dropRemainder = true }: WindowOptions = {},
): Plan<readonly T[]> {
  for (const [name, value] of Object.entries({ size, shift, stride })) demandCount(`window: ${name}`, value);
  /** Elements from the first to the last of a window. */
  const span = (size - 1) * stride + 1;
  const { cardinality } = from;
  const known =
    cardinality &&
    Math.max(0, dropRemainder ? Math.floor((cardinality - span) / shift) + 1 : Math.ceil(cardinality / shift));
  return {
    name: "window",
    inputs: [from],
    cardinality: known,
    indexed: false,
    open: (pass) => {
      const upstream = openPlan(from, pass);
      /** The elements from the beginning of the next window on, as far as they were needed. */
      let held: T[] = [];
      /** Elements to go past first, where windows leave some out. */
      let gap = 0;
      const advanced = (count: number): void => {
        gap = Math.max(0, count - held.length);
        held = held.slice(count);
      };
      const next = (): Eventual<readonly T[] | End> =>
        after(upstream.skip(gap), () => {
          gap = 0;
          return after(collect(upstream, span - held.length), (more) => {
            held.push(...more);
            if (held.length === 0 || (dropRemainder && held.length < span)) return end;
            const found = held.slice(0, span).filter((_, index) => index % stride === 0);
            advanced(shift);
            return found;
          });
        });
      const cursor: Cursor<readonly T[]> = {
        next,
        skip: async (count) => {
          if (count === 0) return 0;
          // All but the last are gone past without being put together.
          const ahead = gap + (count - 1) * shift;
          const kept = Math.min(held.length, ahead);
          held = held.slice(kept);
          gap = 0;
          const skipped = await upstream.skip(ahead - kept);
          if (skipped < ahead - kept) return Math.min(count - 1, windowsIn(kept + skipped));
          return (await next()) === end ? count - 1 : count;
        },
        close: () => upstream.close(),
      };
      const windowsIn = (elements: number): number =>
        Math.max(0, dropRemainder ? Math.floor((elements - span) / shift) + 1 : Math.ceil(elements / shift));
      return cursor;
    },
  };
}
