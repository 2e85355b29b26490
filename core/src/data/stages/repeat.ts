import { type Cursor, openPlan, type Pass, type Plan } from "../plan.ts";
import { demandCount } from "./demand.ts";
import { chained } from "./part.ts";

/** Rounds that nobody goes through in one pass. */
const endless = 2 ** 20;

/** The elements `count` times, or without end; what is random comes out anew each time. */
export function repeat<T>(from: Plan<T>, count = Number.POSITIVE_INFINITY): Plan<T> {
  if (count !== Number.POSITIVE_INFINITY) demandCount("repeat: the count", count, 0);
  const { cardinality } = from;
  return {
    name: "repeat",
    inputs: [from],
    cardinality: count === 0 || cardinality === 0 ? 0 : cardinality && cardinality * count,
    indexed: false,
    open: (pass) => {
      // The rounds of different passes must differ, too.
      const before = pass.number * (count === Number.POSITIVE_INFINITY ? endless : count);
      const passes = function* (): Generator<() => Cursor<T>> {
        for (let number = 0; number < count; number++) {
          const round: Pass = { ...pass, number: before + number };
          yield () => openPlan(from, round);
        }
      };
      return chained(passes(), true);
    },
  };
}
