import type { Tensor } from "../../tensor/index.ts";
import { epsilon, matching } from "./matching.ts";
import { lossOf } from "./rule.ts";

type Axis = number | readonly number[] | null;

const over = (axis: Axis): number | readonly number[] | undefined => axis ?? undefined;

/** 1 − 2·|A ∩ B| / (|A| + |B|), over the whole batch or over `axis` (Milletari et al. 2016). */
export const dice = lossOf("dice", {
  defaults: { axis: null as Axis },
  call: (yTrue, yPred, { axis }) => {
    const y = matching(yTrue, yPred);
    const size = (x: Tensor): Tensor => x.sum(over(axis));
    return size(y.mul(yPred))
      .mul(2)
      .div(size(y).add(size(yPred)).add(epsilon))
      .neg()
      .add(1);
  },
});

/** 1 − |A ∩ B| / (|A ∩ B| + α·|A \ B| + β·|B \ A|) for targets A and outputs B (Salehi et al. 2017). */
export const tversky = lossOf("tversky", {
  defaults: { alpha: 0.5, beta: 0.5, axis: null as Axis },
  call: (yTrue, yPred, { alpha, beta, axis }) => {
    const y = matching(yTrue, yPred);
    const size = (x: Tensor): Tensor => x.sum(over(axis));
    const both = size(y.mul(yPred));
    const missed = size(yPred.neg().add(1).mul(y));
    const extra = size(yPred.mul(y.neg().add(1)));
    return both
      .div(both.add(missed.mul(alpha)).add(extra.mul(beta)).add(epsilon))
      .neg()
      .add(1);
  },
});
