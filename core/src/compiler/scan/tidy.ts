import { type Graph, inScope, isOp, makeNode, type Node } from "../../graph/node.ts";
import { reachable } from "../../graph/walk.ts";
import { rewriteGraph, withInputs } from "../rewrite.ts";
import { uniform, uniformOf } from "../simplify/rule.ts";
import { shareEqual } from "../simplify/shareEqual.ts";
import { constantPort, type Loop, loopOf, type Port, replaceIn, scanOf } from "./loop.ts";

/** Where the results of an old scan are: positions in the results of a new loop, or values outside. */
interface Tidied {
  readonly loop: Loop;
  readonly results: ReadonlyMap<Node, ReadonlyMap<number, number | Node>>;
}

/**
 * The graph with its loops tidied: loops over the same carries become one (a forward loop and the same loop again for its
 * derivative), results that nobody reads are not computed, known constants move into the body, carries that never change become
 * constants. The graph itself when there is nothing to do.
 */
export function tidyScans(graph: Graph): Graph {
  const nodes = reachable(graph.outputs);
  const used = new Map<Node<"scan">, Set<number>>();
  for (const node of nodes) if (isOp(node, "scan")) used.set(node, new Set());
  for (const node of nodes) {
    const source = node.inputs[0];
    if (isOp(node, "pick") && source !== undefined && isOp(source, "scan")) used.get(source)!.add(node.attrs.index);
  }
  if (used.size === 0) return graph;

  const merged = mergeAll([...used.keys()]);
  const tidied = merged.map((each) => tidy(each, used));
  if (tidied.every((each) => each === undefined) && merged.every(({ results }) => results.size === 1)) return graph;

  const found = new Map<Node, Tidied>();
  tidied.forEach((each, index) => {
    const final = each ?? merged[index]!;
    for (const scan of final.results.keys()) found.set(scan, final);
  });
  const built = new Map<Tidied, Node>();
  return rewriteGraph(graph, (node, original, rebuilt) => {
    const scan = original.inputs[0];
    const target = isOp(original, "pick") && scan !== undefined ? found.get(scan) : undefined;
    if (target === undefined || !isOp(original, "pick")) return node;
    const place = target.results.get(scan!)!.get(original.attrs.index)!;
    if (typeof place !== "number") return rebuilt(place);
    const moved = (port: Port): Port => ({ ...port, outer: rebuilt(port.outer) });
    const { loop } = target;
    const scanNode =
      built.get(target) ??
      inScope(scan!.scope, () =>
        scanOf({
          ...loop,
          carries: loop.carries.map((carry) => ({ ...carry, ...moved(carry) })),
          sequences: loop.sequences.map(moved),
          constants: loop.constants.map(moved),
        }),
      );
    built.set(target, scanNode);
    return inScope(original.scope, () => makeNode("pick", [scanNode], { index: place }));
  });
}

const identityResults = (scan: Node<"scan">): ReadonlyMap<number, number> =>
  new Map(scan.attrs.body.outputs.map((_, index) => [index, index]));

/** Merges the scans that run over the same carries; the others stay alone. */
function mergeAll(scans: readonly Node<"scan">[]): Tidied[] {
  const all: { first: Node<"scan">; tidied: Tidied }[] = [];
  for (const scan of scans) {
    const place = all.findIndex(
      ({ first, tidied }) => sameFrame(first, scan) && mergeTwo(tidied, scan, first.id) !== undefined,
    );
    const other = all[place];
    if (other === undefined)
      all.push({ first: scan, tidied: { loop: loopOf(scan), results: new Map([[scan, identityResults(scan)]]) } });
    else all[place] = { first: other.first, tidied: mergeTwo(other.tidied, scan, other.first.id)! };
  }
  return all.map(({ tidied }) => tidied);
}

function sameFrame(a: Node<"scan">, b: Node<"scan">): boolean {
  const { carries, length, reverse } = a.attrs;
  return (
    carries > 0 &&
    carries === b.attrs.carries &&
    length === b.attrs.length &&
    reverse === b.attrs.reverse &&
    a.inputs.slice(0, carries).every((source, index) => source === b.inputs[index])
  );
}

/** One loop that does the work of both, if their carries evolve alike and all inputs are there before the first runs. */
function mergeTwo(tidied: Tidied, scan: Node<"scan">, before: number): Tidied | undefined {
  const other = loopOf(scan);
  if (scan.inputs.some((source) => source.id >= before)) return undefined;
  const replaced = new Map<Node, Node>();
  const adopt = (ports: readonly Port[], more: readonly Port[]): Port[] => {
    const result = [...ports];
    for (const port of more) {
      const same = result.find(({ outer }) => outer === port.outer);
      if (same === undefined) result.push(port);
      else replaced.set(port.inner, same.inner);
    }
    return result;
  };
  for (const [index, { inner }] of other.carries.entries()) replaced.set(inner, tidied.loop.carries[index]!.inner);
  const sequences = adopt(tidied.loop.sequences, other.sequences);
  const constants = adopt(tidied.loop.constants, other.constants);
  const share = shareEqual();
  const own = replaceIn(tidied.loop, new Map(), share);
  const its = replaceIn(other, replaced, share);
  if (own.carries.some(({ next }, index) => next !== its.carries[index]!.next)) return undefined;

  const steps = [...new Set([...own.steps, ...its.steps])];
  const carries = own.carries.length;
  const position = (step: Node): number => carries + steps.indexOf(step);
  const results = new Map(
    [...tidied.results].map(
      ([each, places]) =>
        [
          each,
          new Map(
            [...places].map(([from, to]) => [
              from,
              typeof to === "number" && to >= carries ? position(own.steps[to - carries]!) : to,
            ]),
          ),
        ] as const,
    ),
  );
  const added = new Map(
    scan.attrs.body.outputs.map(
      (_, index) => [index, index < carries ? index : position(its.steps[index - carries]!)] as const,
    ),
  );
  return { loop: { ...own, sequences, constants, steps }, results: new Map([...results, [scan, added]]) };
}

const isMovable = (node: Node): boolean =>
  isOp(node, "reshape") || isOp(node, "expand") || isOp(node, "permute") || isOp(node, "slice");

/** Drops what nobody reads and moves known values inside; undefined when there is nothing to do. */
function tidy({ loop, results }: Tidied, used: ReadonlyMap<Node, ReadonlySet<number>>): Tidied | undefined {
  const wanted = new Set<number | Node>();
  for (const [scan, places] of results) for (const index of used.get(scan)!) wanted.add(places.get(index)!);
  const fixed = loop.carries.filter(({ inner, next }) => inner === next);
  // What is known, and views, cost nothing inside.
  const moving = loop.constants.filter(({ outer }) => uniformOf(outer) !== undefined || isMovable(outer));
  const bases: Port[] = [];
  const replaced = new Map<Node, Node>();
  for (const { outer, inner } of moving) {
    const value = uniformOf(outer);
    const base = value === undefined ? constantPort(outer.inputs[0]!) : undefined;
    if (base !== undefined) bases.push(base);
    replaced.set(inner, base === undefined ? uniform(value!, outer) : withInputs(outer, [base.inner]));
  }
  const current = moving.length > 0 ? replaceIn({ ...loop, constants: [...loop.constants, ...bases] }, replaced) : loop;

  const count = loop.carries.length;
  const steps = current.steps.filter((_, index) => wanted.has(count + index));
  const kept = new Set(
    current.carries.filter((_, index) => wanted.has(index) && !fixed.includes(loop.carries[index]!)),
  );
  let inside = new Set<Node>();
  for (let size = -1; size !== kept.size; ) {
    size = kept.size;
    inside = new Set(reachable([...steps, ...[...kept].map(({ next }) => next)]));
    for (const [index, carry] of current.carries.entries())
      if (inside.has(carry.inner) && !fixed.includes(loop.carries[index]!)) kept.add(carry);
  }
  const carries = current.carries.filter((carry) => kept.has(carry));
  const sequences = current.sequences.filter(({ inner }) => inside.has(inner));
  const constants = [...current.constants, ...fixed]
    .filter(({ inner }) => inside.has(inner))
    .map(({ outer, inner }): Port => ({ outer, inner }));
  const same =
    carries.length === loop.carries.length &&
    steps.length === loop.steps.length &&
    sequences.length === loop.sequences.length &&
    constants.length === loop.constants.length &&
    moving.length === 0;
  // A loop must have a result.
  if (same || carries.length + steps.length === 0) return undefined;

  const moved = (place: number | Node): number | Node => {
    if (typeof place !== "number") return place;
    if (place >= count) return carries.length + steps.indexOf(current.steps[place - count]!);
    const carry = current.carries[place]!;
    return kept.has(carry) ? carries.indexOf(carry) : carry.outer;
  };
  const places = new Map(
    [...results].map(
      ([scan, old]) => [scan, new Map([...old].map(([from, to]) => [from, moved(to)] as const))] as const,
    ),
  );
  return { loop: { ...current, carries, sequences, constants, steps }, results: places };
}
