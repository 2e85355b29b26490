import type { Eventual } from "../eventual.ts";
import { type Cursor, type End, end, openPlan, type Plan, skipByNext } from "../plan.ts";
import { contextOf } from "./context.ts";
import { demandCount } from "./demand.ts";
import { failure, type MapFunction } from "./map.ts";
import { type Elements, fromGenerator } from "./source.ts";

export interface InterleaveOptions {
  /** How many of the data sets are open at a time. Default 2. */
  readonly cycleLength?: number | undefined;
  /** How many elements come from one before it is the next one's turn. Default 1. */
  readonly blockLength?: number | undefined;
}

/** The elements of the data set that each element becomes, taking turns between several of them. */
export function interleave<T, U>(
  name: string,
  from: Plan<T>,
  make: MapFunction<T, Plan<U> | Elements<U>>,
  { cycleLength = 2, blockLength = 1 }: InterleaveOptions,
): Plan<U> {
  demandCount(`${name}: cycleLength`, cycleLength);
  demandCount(`${name}: blockLength`, blockLength);
  return {
    name,
    inputs: [from],
    cardinality: from.cardinality === 0 ? 0 : undefined,
    indexed: false,
    open: (pass) => {
      const upstream = openPlan(from, pass);
      const open: (Cursor<U> | undefined)[] = new Array(cycleLength).fill(undefined);
      let [turn, given, begun, dry] = [0, 0, 0, false];

      const begin = async (): Promise<Cursor<U> | undefined> => {
        if (dry) return undefined;
        const element = await upstream.next();
        if (element === end) {
          dry = true;
          return undefined;
        }
        const index = begun++;
        try {
          const made = await make(element, contextOf(pass, index));
          const plan = isPlan(made) ? made : fromGenerator(() => made, { name });
          // Each has random choices of its own.
          return openPlan(plan, { ...pass, number: pass.number + index });
        } catch (error) {
          throw failure(name, index, error);
        }
      };
      const next = async (): Promise<U | End> => {
        for (let idle = 0; idle < cycleLength; ) {
          const cursor = open[turn] ?? (await begin());
          open[turn] = cursor;
          const element = cursor === undefined ? end : await cursor.next();
          if (element !== end) {
            if (++given === blockLength) [turn, given] = [(turn + 1) % cycleLength, 0];
            return element;
          }
          await cursor?.close();
          open[turn] = undefined;
          // The place is filled again before it is the next one's turn.
          if (cursor !== undefined && !dry) continue;
          [turn, given] = [(turn + 1) % cycleLength, 0];
          idle++;
        }
        return end;
      };
      return {
        next,
        skip: (count): Eventual<number> => skipByNext({ next }, count),
        close: async () => {
          for (const cursor of open) await cursor?.close();
          await upstream.close();
        },
      };
    },
  };
}

const isPlan = <U>(made: Plan<U> | Elements<U>): made is Plan<U> => "open" in (made as object);
