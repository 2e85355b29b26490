import { ArgumentError } from "../base/errors.ts";
import { type Node, shapeError } from "../graph/index.ts";
import { mul } from "./arithmetic.ts";
import { normalizeAxis } from "./axes.ts";
import { between, concatenate } from "./joining.ts";
import { flip, ravel } from "./movement.ts";

/**
 * What `combine` makes of all elements up to each one along `axis`: x₀, x₀ ∘ x₁, (x₀ ∘ x₁) ∘ x₂, … for an associative ∘, in
 * log₂ n steps over whole tensors (Hillis & Steele 1986).
 */
export function associativeScan(
  combine: (before: Node[], after: Node[]) => readonly Node[],
  xs: readonly Node[],
  axis = 0,
  { reverse = false }: { readonly reverse?: boolean } = {},
): Node[] {
  const [first] = xs;
  if (first === undefined) throw new ArgumentError("associativeScan: needs at least one tensor");
  const place = normalizeAxis("associativeScan", axis, first.shape.length, first);
  const size = first.shape[place]!; // a normalized axis exists
  const odd = xs.find((x) => x.shape[place] !== size);
  if (odd !== undefined) throw shapeError(`associativeScan: axis ${axis} has several sizes`, xs);
  let now = reverse ? xs.map((x) => flip(x, place)) : [...xs];
  for (let distance = 1; distance < size; distance *= 2) {
    const before = now.map((x) => between(x, place, 0, size - distance));
    const after = now.map((x) => between(x, place, distance, size));
    const next = combine(before, after);
    now = now.map((x, at) => concatenate([between(x, place, 0, distance), next[at]!], place));
  }
  return reverse ? now.map((x) => flip(x, place)) : now;
}

/** The products of all elements up to each one along `axis`; without an axis, of `ravel(x)`. */
export const cumprod = (x: Node, axis?: number, options: { readonly reverse?: boolean } = {}): Node =>
  axis === undefined
    ? cumprod(ravel(x), 0, options)
    : associativeScan(([a], [b]) => [mul(a!, b!)], [x], axis, options)[0]!;
