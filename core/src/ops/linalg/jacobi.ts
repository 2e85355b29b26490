import { build, type Node } from "../../graph/index.ts";
import { abs, add, div, mul, sign, sqrt, square, sub } from "../arithmetic.ts";
import { equal, less, where } from "../compare.ts";
import { flip } from "../movement.ts";
import { indices } from "./matrices.ts";

// Jacobi's rotations, all pairs of a round at once (Brent & Luk 1985). Place i plays against place size − 1 − i; then all places
// but the first move on by one, so that after size − 1 rounds everybody has met everybody and stands where he stood.

/** Cosine and sine, for each place, that make the off-diagonal element with its partner 0 (Golub & Van Loan, 8.5.2). */
export function rotation(own: Node, partner: Node, off: Node): { c: Node; s: Node } {
  const size = own.shape.at(-1)!; // vectors
  const none = equal(off, 0);
  const ratio = div(sub(partner, own), mul(where(none, 1, off), 2));
  // Partners turn in opposite directions, also where both are equal.
  const side = where(less(indices(size), size / 2), build.fill(1, own), -1);
  const direction = where(equal(ratio, 0), side, sign(ratio));
  const t = where(none, 0, div(direction, add(abs(ratio), sqrt(add(square(ratio), 1)))));
  const c = div(1, sqrt(add(square(t), 1)));
  return { c, s: mul(t, c) };
}

/** Each place along `axis` turned with its partner. */
export const turn = (x: Node, c: Node, s: Node, axis: number): Node => sub(mul(c, x), mul(s, flip(x, axis)));

/** Everybody but the first moves on by one place along `axis`. */
export function moveOn(x: Node, axis: number): Node {
  const place = axis + x.shape.length;
  const size = x.shape[place]!;
  const part = (start: number, stop: number): Node =>
    build.slice(
      x,
      x.shape.map((_, at) => (at === place ? start : 0)),
      x.shape.map((old, at) => (at === place ? stop - start : old)),
    );
  return size <= 2 ? x : build.concat([part(0, 1), part(size - 1, size), part(1, size - 1)], place);
}

/** Rounds after which the rotations are below the last digit: sweeps converge quadratically, from some that grow as log n. */
export const roundsOf = (size: number): number => Math.max(1, size - 1) * (7 + Math.ceil(Math.log2(Math.max(2, size))));

/** The next even number. */
export const evenSize = (size: number): number => size + (size % 2);
