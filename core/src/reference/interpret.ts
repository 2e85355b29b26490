import { InternalError } from "../base/errors.ts";
import { printShape, sameShape } from "../base/shape.ts";
import type { Graph, Node } from "../graph/node.ts";
import type { Op } from "../graph/primitives.ts";
import { contraction } from "./contract.ts";
import { elementwise } from "./elementwise.ts";
import type { HostArray } from "./hostArray.ts";
import { indexing } from "./indexing.ts";
import { movement } from "./movement.ts";
import { random } from "./random.ts";
import type { ReferenceRule } from "./rule.ts";
import { statistics } from "./statistics.ts";
import { structure } from "./structure.ts";

/** The obvious meaning of every primitive, in f64: the oracle that all devices are checked against. */
export const reference: { readonly [K in Op]: ReferenceRule<K> } = {
  ...elementwise,
  ...movement,
  ...contraction,
  ...indexing,
  ...statistics,
  ...random,
  ...structure,
};

/** One node to compute, and the nodes whose values nobody reads afterwards. */
interface Step {
  readonly node: Node;
  readonly done: readonly Node[];
}

/** Bodies of scans run many times: their schedule is made once. */
const schedules = new WeakMap<Graph, readonly Step[]>();

/** The values of the graph's outputs for the given values of its inputs. Results may share memory with inputs. */
export function interpret(graph: Graph, inputs: readonly HostArray[]): readonly HostArray[] {
  if (inputs.length !== graph.inputs.length) {
    throw new InternalError(`interpret: the graph takes ${graph.inputs.length} inputs, received ${inputs.length}`);
  }
  const bindings = new Map<Node, HostArray>(graph.inputs.map((node, index) => [node, inputs[index]!]));
  const schedule = schedules.get(graph) ?? scheduleOf(graph.outputs, bindings);
  schedules.set(graph, schedule);
  return runSchedule(schedule, graph.outputs, bindings);
}

/** The values of `outputs`; `bindings` gives the values of inputs, or of any other node that is not to be computed. */
export const evaluate = (
  outputs: readonly Node[],
  bindings: ReadonlyMap<Node, HostArray> = new Map(),
): readonly HostArray[] => runSchedule(scheduleOf(outputs, bindings), outputs, bindings);

/** The nodes that must be computed, in order: the search ends at bound ones. */
function scheduleOf(outputs: readonly Node[], bound: ReadonlyMap<Node, unknown>): readonly Step[] {
  const needed = new Set<Node>();
  const pending = [...outputs];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (needed.has(node) || bound.has(node)) continue;
    needed.add(node);
    pending.push(...node.inputs);
  }
  const nodes = [...needed].sort((x, y) => x.id - y.id);

  const lastReader = new Map<Node, Node>();
  for (const node of nodes) for (const source of node.inputs) lastReader.set(source, node);
  const kept = new Set(outputs);
  const isDone = (source: Node, reader: Node): boolean => lastReader.get(source) === reader && !kept.has(source);
  return nodes.map((node) => ({ node, done: node.inputs.filter((source) => isDone(source, node)) }));
}

function runSchedule(
  schedule: readonly Step[],
  outputs: readonly Node[],
  bindings: ReadonlyMap<Node, HostArray>,
): readonly HostArray[] {
  const values = new Map<Node, readonly HostArray[]>();
  for (const [node, value] of bindings) {
    if (!sameShape(node.shape, value.shape) || node.dtype !== value.dtype) {
      throw new InternalError(`interpret: ${typeOf(node)} is bound to ${typeOf(value)}`);
    }
    values.set(node, [value]);
  }
  for (const { node, done } of schedule) {
    // The results of scan and cond are flattened into the inputs of `pick`, their only reader.
    const inputs = node.inputs.flatMap((source) => values.get(source)!);
    values.set(node, resultsOf(node, inputs));
    for (const source of done) values.delete(source);
  }
  return outputs.map((node) => values.get(node)![0]!);
}

function resultsOf<K extends Op>(node: Node<K>, inputs: readonly HostArray[]): readonly HostArray[] {
  // The table is indexed by the same K that types attrs; TypeScript cannot see that across the union.
  const rule = reference[node.op] as ReferenceRule<Op>;
  const result = rule(inputs, node.attrs as never, { shape: node.shape, dtype: node.dtype }, interpret) as
    | HostArray
    | readonly HostArray[];
  return isList(result) ? result : [result];
}

const isList = (result: HostArray | readonly HostArray[]): result is readonly HostArray[] => Array.isArray(result);

const typeOf = ({ shape, dtype }: Pick<HostArray, "shape" | "dtype">): string => `${dtype} ${printShape(shape)}`;
