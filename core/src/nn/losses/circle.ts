import { eye, type Tensor, where } from "../../tensor/index.ts";
import { demandPositiveNumber } from "../options.ts";
import { likeLabels } from "./demand.ts";
import { lossOf } from "./rule.ts";

/** Stands for −∞ where a logarithm of a sum must stay finite. */
const never = -1e30;

/** Embeddings of one class together, others apart, each pair at its own pace (Sun et al. 2020). Outputs have length 1. */
export const circle = lossOf("circle", {
  accepts: (output) => likeLabels(output, -1),
  defaults: { gamma: 80, margin: 0.4, removeDiagonal: true },
  check: ({ gamma }) => demandPositiveNumber("gamma", gamma),
  call: (yTrue, yPred, { gamma, margin, removeDiagonal }) => {
    const labels = yTrue.cast("i32").ravel() as Tensor; // [batch]
    const batch = labels.size;
    const distances = yPred.matmul(yPred.transpose()).neg().add(1).maximum(0) as Tensor; // [batch, batch]
    const same = labels.reshape([batch, 1]).equal(labels.reshape([1, batch])) as Tensor;
    const other = eye(batch).equal(0) as Tensor;
    const positive = removeDiagonal ? same.logicalAnd(other) : same;
    const pull = distances.add(margin).maximum(0).mul(distances.neg().add(margin)).mul(-gamma);
    const push = distances
      .neg()
      .add(1 + margin)
      .maximum(0)
      .mul(distances.neg().add(1 - margin))
      .mul(gamma);
    const gathered = (pairs: Tensor, values: Tensor): Tensor => where(pairs, values, never).logSumExp(1);
    return gathered(positive, pull as Tensor)
      .add(gathered(same.logicalNot(), push as Tensor))
      .softplus() as Tensor;
  },
  mask: (_yTrue, values) => values.greater(0) as Tensor,
});
