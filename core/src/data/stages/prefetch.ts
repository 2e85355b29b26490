import { type Cursor, type End, end, openPlan, type Plan } from "../plan.ts";
import { demandCount } from "./demand.ts";

/** Elements that are made before they are asked for: at most `count` wait. */
export function prefetch<T>(from: Plan<T>, count = 2): Plan<T> {
  demandCount("prefetch: the count", count);
  return {
    name: "prefetch",
    inputs: [from],
    cardinality: from.cardinality,
    indexed: from.indexed,
    open: (pass, order) => ahead(openPlan(from, pass, order), count),
  };
}

/** A cursor that asks another ahead of time. */
export function ahead<T>(from: Cursor<T>, count: number): Cursor<T> {
  const waiting: Promise<T | End>[] = [];
  let reading: Promise<unknown> = Promise.resolve();
  const fill = (): void => {
    while (waiting.length < count) {
      const element = reading.then(() => from.next());
      reading = element.catch(() => {}); // whoever takes it hears of it
      waiting.push(element);
    }
  };
  return {
    next: () => {
      fill();
      const element = waiting.shift()!; // filled just before
      fill();
      return element;
    },
    skip: async (wanted) => {
      let skipped = 0;
      for (; skipped < wanted && waiting.length > 0; skipped++) if ((await waiting.shift()) === end) return skipped;
      await reading;
      return skipped + (await from.skip(wanted - skipped));
    },
    close: async () => {
      await Promise.allSettled(waiting.splice(0));
      await from.close();
    },
  };
}
