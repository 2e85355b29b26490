import { ArgumentError } from "../base/errors.ts";
import * as ops from "../ops/index.ts";
import { arange } from "./create.ts";
import { Tensor } from "./tensor.ts";
import { cond, scan } from "./transform.ts";
import { flatten } from "./tree.ts";

// Loops and choices in programs, made of `scan` and `cond`; carries and operands are tensors or trees of them.

/** Runs `body` for i = start … stop − 1, handing a carry from step to step; i is a tensor. */
export const forLoop = <C>(start: number, stop: number, body: (index: Tensor, carry: C) => C, carry: C): C =>
  scan((state: C, index: Tensor) => ({ carry: body(index, state), out: [] }), carry, arange(start, stop) as Tensor, {})
    .carry;

/**
 * Runs `body` while `condition` holds, and not more than `maximumSteps` times. The bound is what makes a loop compile to a
 * program with a derivative: after the last step that is needed, the others pass the carry on.
 */
export function whileLoop<C>(
  condition: (carry: C) => Tensor,
  body: (carry: C) => C,
  carry: C,
  { maximumSteps }: { readonly maximumSteps: number },
): C {
  if (!Number.isInteger(maximumSteps) || maximumSteps < 0) {
    throw new ArgumentError({
      what: `whileLoop: maximumSteps must be a whole number, received ${maximumSteps}`,
      hint: "it bounds the loop: whileLoop(condition, body, carry, { maximumSteps: 100 })",
    });
  }
  const step = (state: C) => ({ carry: cond(condition(state), body, (same: C) => same, state), out: [] });
  return scan(step, carry, [], { length: maximumSteps }).carry;
}

/** What branch number `index` gives, a function of `operands`; numbers out of range mean the first or the last one. */
export function switchCase<A extends readonly unknown[], R>(
  index: Tensor,
  branches: readonly ((...operands: A) => R)[],
  ...operands: A
): R {
  const [first, ...others] = branches;
  if (first === undefined) throw new ArgumentError("switchCase: needs at least one branch");
  if (others.length === 0) return first(...operands);
  return cond(
    index.lessEqual(0) as Tensor,
    first,
    (...given: A) => switchCase(index.sub(1) as Tensor, others, ...given),
    ...operands,
  );
}

/** `body` of each element along axis 0 of the tensors in `xs`, one after the other, with the results stacked. */
export const mapOver = <X, Y>(body: (element: X) => Y, xs: X): Y =>
  scan((carry: readonly Tensor[], element: X) => ({ carry, out: body(element) }), [], xs).out;

/** What an associative `combine` makes of all elements up to each one along `axis`, in log₂ n steps over whole tensors. */
export function associativeScan<X>(
  combine: (before: X, after: X) => X,
  xs: X,
  axis = 0,
  options: { readonly reverse?: boolean } = {},
): X {
  const flat = flatten(xs, "associativeScan: the tensors");
  const tree = (nodes: readonly Tensor["node"][]): X => flat.rebuild(nodes.map((node) => new Tensor(node))) as X; // like xs
  const results = ops.associativeScan(
    (before, after) =>
      flatten(combine(tree(before), tree(after)), "associativeScan: the result").tensors.map(({ node }) => node),
    flat.tensors.map(({ node }) => node),
    axis,
    options,
  );
  return tree(results);
}
