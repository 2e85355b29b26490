import { arange, attentionWatch, random, softmax, type Tensor, where } from "../../tensor/index.ts";
import { keyOf, type RandomVariables } from "../randomness.ts";

/** What is seen: where a mask or the order of time forbids it, the score counts nothing. */
export function visible(scores: Tensor, mask: Tensor | undefined, causal: boolean): Tensor {
  const [time, source] = scores.shape.slice(-2) as [number, number];
  let seen = scores;
  if (mask !== undefined) seen = where(mask, seen, hidden);
  if (causal) {
    const past = arange(source).expandDims(0).lessEqual(arange(time).expandDims(1)); // [time, source]
    seen = where(past, seen, hidden);
  }
  return seen;
}

/** Far below every score, and finite: a position that sees nothing looks everywhere alike, as in Keras. */
const hidden = -1e9;

/** softmax of what is seen, with weights dropped while training. */
export function attentionWeights(
  scores: Tensor,
  { dropout, training, variables }: { dropout: number; training: boolean; variables: RandomVariables },
): Tensor {
  const weights: Tensor = softmax(scores, -1);
  attentionWatch()?.(weights);
  if (!training || dropout === 0) return weights;
  const kept = random.uniform(weights.shape, { key: keyOf(variables) }).less(1 - dropout);
  return where(kept, weights.mul(1 / (1 - dropout)), 0);
}
