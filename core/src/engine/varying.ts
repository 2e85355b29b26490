import { type Graph, isOp, type Node } from "../graph/node.ts";
import { graphKey } from "./signature.ts";

/** What is known of graphs that are equal but for the numbers written in them. */
interface Family {
  readonly first: readonly number[];
  /** Places where another number was seen. */
  readonly varying: Set<number>;
}

/** Families that are remembered; forgetting one only costs a compilation. */
const keptFamilies = 1000;
const families = new Map<string, Family>();

/** The numbers of a node that may vary from call to call: a constant's value, a slice's start along each axis. */
export const numbersOf = (node: Node): readonly number[] =>
  isOp(node, "const") ? [node.attrs.value] : isOp(node, "slice") ? node.attrs.start : [];

/**
 * The nodes of an eager graph whose numbers were others when the same graph was computed before, with the places of these
 * numbers. They become inputs, so that a step size or a batch's first row does not cost a compilation for each of its
 * values. `order` has the nodes that `graph` is a copy of.
 */
export function varyingNumbers(graph: Graph, order: readonly Node[]): Map<Node, readonly number[]> {
  const places = order.flatMap((node) => numbersOf(node).map((value, place) => ({ node, place, value })));
  const found = new Map<Node, readonly number[]>();
  if (places.length === 0) return found;
  const key = graphKey(graph, [], "by place");
  const family = families.get(key) ?? { first: places.map(({ value }) => value), varying: new Set<number>() };
  families.delete(key);
  families.set(key, family);
  if (families.size > keptFamilies) families.delete([...families.keys()][0]!);
  places.forEach(({ node, place, value }, index) => {
    if (!Object.is(value, family.first[index])) family.varying.add(index);
    if (family.varying.has(index)) found.set(node, [...(found.get(node) ?? []), place]);
  });
  return found;
}
