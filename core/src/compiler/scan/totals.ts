import { binary, contract, reduce } from "../../graph/build.ts";
import { type Graph, isOp, type Node } from "../../graph/node.ts";
import { reachable } from "../../graph/walk.ts";
import { uniformOf } from "../simplify/rule.ts";
import { freshLabel, type Steps } from "./batch.ts";
import { type Carry, type Loop, loopOf, scanOf } from "./loop.ts";
import { picksOf, type Results, replaceResults } from "./results.ts";
import { rowsOf } from "./rowAxes.ts";
import { rowLoopOf } from "./rowLoop.ts";

/**
 * Takes sums over the steps out of loops where that lets the loop run row by row: a carry that is only added to mixes the rows
 * when what is added is a sum over them (the gradient of weights). The addends' operands are stacked instead, and one
 * contraction or reduction over all steps takes the place of one a step.
 */
export function totals(graph: Graph): Graph {
  return replaceResults(graph, (scan) => (rowsOf(scan) === undefined ? withoutTotals(scan) : undefined));
}

/** A carry that is a running total, and what every step adds to it. */
interface Total {
  readonly carry: Carry;
  readonly addends: readonly Node[];
}

function withoutTotals(scan: Node<"scan">): Results | undefined {
  const loop = loopOf(scan);
  const leaving = new Map<Carry, Total>();
  const stacked = new Set<Node>(loop.steps);
  for (const carry of loop.carries) {
    const addends = addendsOf(loop, carry);
    if (addends === undefined || !addends.every((addend) => isSum(addend, loop))) continue;
    leaving.set(carry, { carry, addends });
    for (const operand of addends.flatMap(({ inputs }) => inputs)) if (!isOp(operand, "input")) stacked.add(operand);
  }
  if (leaving.size === 0) return undefined;
  const kept = loop.carries.filter((carry) => !leaving.has(carry));
  const steps = [...stacked];
  const fresh = scanOf({ ...loop, carries: kept, steps });
  if (rowsOf(fresh) === undefined || rowLoopOf(fresh) === undefined) return undefined;

  const picks = picksOf(fresh);
  const stackOf = (node: Node): Steps => {
    const constant = loop.constants.find(({ inner }) => inner === node);
    if (constant !== undefined) return { value: constant.outer, perStep: false };
    const sequence = loop.sequences.find(({ inner }) => inner === node);
    return { value: sequence?.outer ?? picks[kept.length + steps.indexOf(node)]!, perStep: true };
  };
  const finals = loop.carries.map((carry) => {
    const total = leaving.get(carry);
    return total === undefined ? picks[kept.indexOf(carry)]! : sumOf(total, stackOf);
  });
  return [...finals, ...loop.steps.map((step) => stackOf(step).value)];
}

/** What every step adds to a carry that is nothing but a total; undefined for other carries. */
function addendsOf({ carries, steps, sequences, constants }: Loop, { inner, next }: Carry): Node[] | undefined {
  const results = [...carries.map((carry) => carry.next), ...steps];
  const nodes = reachable(results);
  const addends: Node[] = [];
  let at = next;
  while (at !== inner) {
    // The running value is read here and nowhere else.
    const readers =
      nodes.filter((node) => node.inputs.includes(at)).length + results.filter((node) => node === at).length;
    if (readers !== 1 || !isOp(at, "add")) return undefined;
    const path = at.inputs.filter((source) => source === inner || reachable([source]).includes(inner));
    if (path.length !== 1) return undefined;
    addends.push(...at.inputs.filter((source) => source !== path[0]));
    at = path[0]!;
  }
  const readers =
    nodes.filter((node) => node.inputs.includes(inner)).length + results.filter((node) => node === inner).length;
  if (addends.length === 0 || readers !== 1) return undefined;
  const ports = [...sequences, ...constants].map((port): Node => port.inner);
  const known = new Set<Node>([...ports, ...carries.map((carry): Node => carry.inner)]);
  return nodes.every((node) => !isOp(node, "input") || known.has(node)) ? addends : undefined;
}

/** Whether an addend is a sum itself, of something that differs from step to step. */
function isSum(addend: Node, { constants }: Loop): boolean {
  const isConstant = (node: Node): boolean => constants.some(({ inner }) => inner === node);
  const sums = isOp(addend, "contract") || (isOp(addend, "reduce") && addend.attrs.reduce === "sum");
  return sums && !addend.inputs.every(isConstant);
}

/** The total after all steps. */
function sumOf({ carry: { outer }, addends }: Total, stackOf: (node: Node) => Steps): Node {
  const sums = addends.map((addend) => overSteps(addend, addend.inputs.map(stackOf)));
  return (uniformOf(outer) === 0 ? sums : [outer, ...sums]).reduce((total, sum) => binary("add", total, sum));
}

/** The sum over all steps of a contraction or a reduction. */
function overSteps(addend: Node, operands: readonly Steps[]): Node {
  const [first, second] = operands as readonly [Steps, Steps]; // read only where there are two
  if (isOp(addend, "contract")) {
    const { a, b, out } = addend.attrs;
    // What is the same in all steps meets the sum of the other operand.
    if (!first.perStep) return contract(first.value, reduce("sum", second.value, [0]), addend.attrs);
    if (!second.perStep) return contract(reduce("sum", first.value, [0]), second.value, addend.attrs);
    const step = freshLabel([...a, ...b]);
    return contract(first.value, second.value, { a: [step, ...a], b: [step, ...b], out });
  }
  const axes = isOp(addend, "reduce") ? addend.attrs.axes : [];
  return reduce("sum", first.value, [0, ...axes.map((axis) => axis + 1)]);
}
