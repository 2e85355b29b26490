import { sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { int } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import type { IndexSpace } from "../../kernel/space.ts";

/** One of the values that a root is made of, and where its elements lie in the root. */
export interface Part {
  readonly node: Node;
  readonly place: (space: IndexSpace, indices: readonly Expr[]) => readonly Expr[];
}

/** Operands of a concat beyond which a kernel that writes all of them becomes unwieldy. */
const mostParts = 8;

/**
 * The parts by which a root is written: the operands of a concat, if they are alike, so that one loop writes all of them and no
 * element asks which one it belongs to. Other roots are their own only part.
 */
export function partsOf(root: Node): readonly Part[] {
  if (!isJoin(root)) return [{ node: root, place: (_, indices) => indices }];
  const { axis } = root.attrs;
  return root.inputs.map((node, part) => ({
    node,
    place: (space, indices) =>
      indices.map((index, other) => (other === axis ? space.add(index, int(part * node.shape[axis]!)) : index)),
  }));
}

/** Whether a root is written part by part. */
export function isJoin(root: Node): root is Node<"concat"> {
  if (!isOp(root, "concat") || root.inputs.length > mostParts) return false;
  const shape = root.inputs[0]!.shape.join();
  return root.inputs.every((input) => input.shape.join() === shape);
}

/** Iterations of the loop that writes a root. */
export const loopSize = (root: Node): number => sizeOf(partsOf(root)[0]!.node.shape); // a root has a part
