import { barrier, concat } from "../graph/build.ts";
import { isOp, type Node } from "../graph/node.ts";

/** Operands of one kernel: an element is found by asking for each of them in turn whether it lies there. */
const widest = 16;

/**
 * A concat of many operands as a tree of concats of few, each in memory of its own: the work for one element, and the size of
 * a kernel, do not grow with the number of operands. Undefined when there are few.
 */
export function splitConcat(node: Node): Node | undefined {
  if (!isOp(node, "concat") || node.inputs.length <= widest) return undefined;
  const { axis } = node.attrs;
  let level = node.inputs;
  while (level.length > widest) {
    const size = Math.min(widest, Math.ceil(level.length / widest));
    const groups = Array.from({ length: Math.ceil(level.length / size) }, (_, i) =>
      level.slice(i * size, (i + 1) * size),
    );
    level = groups.map((group) => (group.length === 1 ? group[0]! : barrier(concat(group, axis))));
  }
  return concat(level, axis);
}
