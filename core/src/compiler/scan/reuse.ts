import { type Graph, isOp, makeNode, type Node } from "../../graph/node.ts";
import { costOf, kindOf } from "../../graph/primitives.ts";
import { reachable } from "../../graph/walk.ts";
import { termsOf } from "../lower/reducer.ts";
import { mapBodies, rewriteGraph } from "../rewrite.ts";
import { attrsKey } from "../simplify/attrsKey.ts";
import { uniformOf } from "../simplify/rule.ts";
import { loopOf, type Port, replaceIn, scanOf, sequencePort } from "./loop.ts";

/** Multiply-adds an element beyond which computing a value again costs more than writing and reading it. */
const cheapAgain = 8;

/** A value that the body of a later loop computes at every step although an earlier loop did: in the earlier and the later body. */
interface Known {
  readonly earlier: Node;
  readonly later: Node;
}

/**
 * Lets a loop read what an earlier one over the same steps computed. The derivative of a loop begins every step by computing that
 * step again; where the value is dear, as products and transcendental functions are, the first loop gives it out instead.
 */
export function reuse(given: Graph): Graph {
  const graph = rewriteGraph(given, (node) => mapBodies(node, reuse));
  const scans = reachable(graph.outputs).filter((node) => isOp(node, "scan"));
  /** For each scan: what it reads from earlier ones, and what it gives to later ones, in the order of its new results. */
  const takes = new Map<Node, Map<Node<"scan">, readonly Known[]>>();
  const gives = new Map<Node, Node[]>();
  for (const later of scans) {
    for (const earlier of sourcesOf(later)) {
      const known = knownValues(earlier, later);
      if (known.length === 0) continue;
      takes.set(later, (takes.get(later) ?? new Map()).set(earlier, known));
      gives.set(earlier, [...new Set([...(gives.get(earlier) ?? []), ...known.map((each) => each.earlier)])]);
    }
  }
  if (gives.size === 0) return graph;
  return rewriteGraph(graph, (node, original, rebuilt) => {
    if (!isOp(node, "scan")) return node;
    const given = gives.get(original) ?? [];
    const loop = loopOf(node);
    const replaced = new Map<Node, Node>();
    const ports: Port[] = [];
    for (const [earlier, known] of takes.get(original) ?? []) {
      const results = earlier.attrs.body.outputs.length;
      for (const each of known) {
        const index = results + gives.get(earlier)!.indexOf(each.earlier);
        const port = sequencePort(makeNode("pick", [rebuilt(earlier)], { index }));
        ports.push(port);
        replaced.set(each.later, port.inner);
      }
    }
    if (given.length === 0 && ports.length === 0) return node;
    const more = { ...loop, sequences: [...loop.sequences, ...ports], steps: [...loop.steps, ...given] };
    return scanOf(ports.length === 0 ? more : replaceIn(more, replaced));
  });
}

/** The scans whose steps a scan reads. */
function sourcesOf({ inputs, attrs }: Node<"scan">): Set<Node<"scan">> {
  const found = new Set<Node<"scan">>();
  for (const outer of inputs.slice(attrs.carries, attrs.carries + attrs.sequences)) {
    for (const node of isOp(outer, "concat") ? outer.inputs : [outer]) {
      const pick = isOp(node, "slice") ? node.inputs[0]! : node;
      const scan = isOp(pick, "pick") ? pick.inputs[0]! : undefined;
      if (scan !== undefined && isOp(scan, "scan") && scan.attrs.length === attrs.length) found.add(scan);
    }
  }
  return found;
}

/** The values that the later loop had better read than compute. */
function knownValues(earlier: Node<"scan">, later: Node<"scan">): Known[] {
  const equal = matchBodies(earlier, later);
  const nodes = reachable(later.attrs.body.outputs);
  const isEqual = (node: Node): boolean => equal.has(node);
  const read = new Set<Node>(later.attrs.body.outputs.filter(isEqual));
  for (const node of nodes) if (!isEqual(node)) for (const source of node.inputs) if (isEqual(source)) read.add(source);

  const known: Known[] = [];
  const there = new Set<Node>();
  /** What it costs to compute one element from what is there. */
  const again = (node: Node): number =>
    there.has(node) || isOp(node, "input")
      ? 0
      : costOf(node) * termsOf(node) + node.inputs.reduce((sum, source) => sum + again(source), 0);
  for (const node of [...read].sort((a, b) => a.id - b.id)) {
    if (isOp(node, "input") || kindOf(node) === "source" || again(node) <= cheapAgain) continue;
    known.push({ earlier: equal.get(node)!, later: node });
    there.add(node);
  }
  return known;
}

/** The nodes of the later body that have the same value at every step as one of the earlier body. */
function matchBodies(earlier: Node<"scan">, later: Node<"scan">): Map<Node, Node> {
  const [first, second] = [loopOf(earlier), loopOf(later)];
  const equal = new Map<Node, Node>();
  for (const { outer, inner } of second.constants) {
    const same = first.constants.find((port) => port.outer === outer);
    if (same !== undefined) equal.set(inner, same.inner);
  }
  for (const { outer, inner } of second.sequences) {
    const same = first.sequences.find((port) => port.outer === outer)?.inner ?? stepIn(earlier, outer);
    if (same !== undefined) equal.set(inner, same);
  }
  const keyOf = (node: Node, inputs: readonly Node[]): string =>
    `${node.op}(${inputs.map(({ id }) => id).join(",")})${attrsKey(node)}`;
  const known = new Map<string, Node>();
  for (const node of reachable(earlier.attrs.body.outputs)) known.set(keyOf(node, node.inputs), node);
  for (const node of reachable(later.attrs.body.outputs)) {
    if (equal.has(node) || isOp(node, "input") || !node.inputs.every((source) => equal.has(source))) continue;
    const inputs = node.inputs.map((source) => equal.get(source)!);
    const same = sourceIn(earlier, node) ?? known.get(keyOf(node, inputs));
    if (same !== undefined) equal.set(node, same);
  }
  return equal;
}

/** Constants of the body are equal by their values. */
const sourceIn = ({ attrs: { body } }: Node<"scan">, node: Node): Node | undefined =>
  node.inputs.length > 0
    ? undefined
    : reachable(body.outputs).find((other) => other.op === node.op && attrsKey(other) === attrsKey(node));

/** The value of the earlier body that an array of steps holds: a result of the loop, or a carry as the steps receive it. */
function stepIn(scan: Node<"scan">, outer: Node): Node | undefined {
  const { body, carries, length, reverse } = scan.attrs;
  if (isOp(outer, "pick") && outer.inputs[0] === scan && outer.attrs.index >= carries)
    return body.outputs[outer.attrs.index];
  // All results but the last, one step late, after the initial value.
  if (!isOp(outer, "concat") || outer.attrs.axis !== 0 || outer.inputs.length !== 2) return undefined;
  const [start, rest] = reverse ? [...outer.inputs].reverse() : outer.inputs;
  const pick = rest!.inputs[0];
  if (!isOp(rest!, "slice") || pick === undefined || !isOp(pick, "pick") || pick.inputs[0] !== scan) return undefined;
  const { start: from, size, step } = rest.attrs;
  const isWhole =
    from.every((place, axis) => place === (axis === 0 && reverse ? 1 : 0)) && step.every((by) => by === 1);
  if (!isWhole || size[0] !== length - 1 || pick.attrs.index < carries) return undefined;
  const carry = body.outputs.slice(0, carries).indexOf(body.outputs[pick.attrs.index]!);
  return carry >= 0 && isSameStart(start!, scan.inputs[carry]!) ? body.inputs[carry] : undefined;
}

/** Whether an array of one step holds the initial value of a carry. */
function isSameStart(step: Node, initial: Node): boolean {
  const value = uniformOf(initial);
  if (value !== undefined && Object.is(uniformOf(step), value)) return true;
  return (
    isOp(step, "reshape") &&
    (step.inputs[0] === initial || (isOp(initial, "reshape") && step.inputs[0] === initial.inputs[0]))
  );
}
