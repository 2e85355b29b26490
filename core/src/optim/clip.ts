import { maximum, type Tensor } from "../tensor/index.ts";
import type { Common } from "./options.ts";

/** min(1, limit / norm), written so that a norm of 0 gives 1. */
const factor = (limit: number, squares: Tensor): Tensor => maximum(squares.sqrt(), limit).reciprocal().mul(limit);

const squareSum = (g: Tensor): Tensor => g.square().sum();

/** The gradients, clipped as the options say. */
export function clipped(
  gradients: readonly Tensor[],
  { clipNorm, globalClipNorm, clipValue }: Common,
): readonly Tensor[] {
  if (clipValue !== undefined) return gradients.map((g) => g.clip(-clipValue, clipValue));
  if (clipNorm !== undefined) return gradients.map((g) => g.mul(factor(clipNorm, squareSum(g))) as Tensor);
  if (globalClipNorm !== undefined && gradients.length > 0) {
    const total = gradients.map(squareSum).reduce((sum, part) => sum.add(part) as Tensor);
    const scale = factor(globalClipNorm, total);
    return gradients.map((g) => g.mul(scale) as Tensor);
  }
  return gradients;
}
