import { build, isOp, type Node } from "../graph/index.ts";
import { regionOf } from "../graph/substitute.ts";

/** A moment: nodes made from now on have ids above it. */
export const mark = (): number => build.constant(0).id;

/**
 * The nodes made before `since` that `outputs` read, directly or through nodes made after it: what the function that made
 * them closed over. Inputs always count, even those made later (a Variable made on first use); constants never.
 */
export function capturedBy(outputs: readonly Node[], since: number): Node[] {
  const isOutside = (node: Node): boolean => node.id <= since || isOp(node, "input");
  const captured = new Set(outputs.filter(isOutside));
  for (const node of regionOf(outputs, isOutside)) {
    for (const source of node.inputs) if (isOutside(source)) captured.add(source);
  }
  return [...captured].filter((node) => !isOp(node, "const"));
}
