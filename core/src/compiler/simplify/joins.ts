import { concat } from "../../graph/build.ts";
import { isOp, type Node } from "../../graph/node.ts";
import type { Rule } from "./rule.ts";

/** A padded operand: which part of the sum it is. */
interface Piece {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  readonly value: Node;
}

/** A sum of pieces that are padded with zeros to lie side by side (the derivative of `split`) joins them. */
const sideBySide: Rule = (node) => {
  const pieces = isOp(node, "add") ? piecesOf(node) : undefined;
  if (pieces === undefined) return undefined;
  const axis = pieces[0]!.axis; // a sum has addends
  const ordered = pieces.sort((a, b) => a.from - b.from);
  const meet = ordered.every((piece, index) => piece.axis === axis && piece.from === (ordered[index - 1]?.to ?? 0));
  if (!meet || ordered.at(-1)!.to !== node.shape[axis]) return undefined;
  return concat(
    ordered.map(({ value }) => value),
    axis,
  );
};

/** The pieces of a sum of nothing else. */
function piecesOf(node: Node): Piece[] | undefined {
  if (!isOp(node, "add")) {
    const piece = pieceOf(node);
    return piece === undefined ? undefined : [piece];
  }
  // Chains grow on the left: what is not a piece is found on the right.
  const right = piecesOf(node.inputs[1]!);
  const left = right === undefined ? undefined : piecesOf(node.inputs[0]!);
  return left === undefined || right === undefined ? undefined : [...left, ...right];
}

function pieceOf(node: Node): Piece | undefined {
  const value = node.inputs[0];
  if (!isOp(node, "pad") || value === undefined || node.attrs.value !== 0) return undefined;
  const { low, high, between } = node.attrs;
  const axes = [...low.keys()].filter((axis) => low[axis] !== 0 || high[axis] !== 0 || between[axis] !== 0);
  const [axis, another] = axes;
  if (axis === undefined || another !== undefined || between[axis] !== 0) return undefined;
  const from = low[axis]!;
  return from < 0 || high[axis]! < 0 ? undefined : { axis, from, to: from + value.shape[axis]!, value };
}

export const joins: readonly Rule[] = [sideBySide];
