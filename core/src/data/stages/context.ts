import { mixed } from "../order.ts";
import type { Pass } from "../plan.ts";
import { uniformSource } from "../random.ts";

/** What a function that changes elements may know besides the element. */
export interface MapContext {
  /** The element's number in its pass. */
  readonly index: number;
  /** The number of the pass, from 0. */
  readonly pass: number;
  /** Uniform numbers in [0, 1) that seed, pass and index decide: the same however the elements are come by. */
  readonly random: () => number;
}

export function contextOf(pass: Pick<Pass, "seed" | "number" | "drew">, index: number): MapContext {
  let source: (() => number) | undefined;
  return {
    index,
    pass: pass.number,
    random: () => {
      if (source === undefined) pass.drew?.();
      source ??= uniformSource(mixed(mixed(pass.seed, pass.number), index));
      return source();
    },
  };
}
