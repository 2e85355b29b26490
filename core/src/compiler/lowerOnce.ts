import { isOp, type Node } from "../graph/node.ts";
import type { Target } from "../render/target.ts";
import type { Cluster, LoweredKernel, Temporary } from "./cluster.ts";
import { isTemporary } from "./lower/kernel.ts";
import { lower } from "./lower.ts";
import { attrsKey } from "./simplify/attrsKey.ts";

type Lower = (cluster: Cluster, stored: ReadonlySet<Node>) => LoweredKernel[];

/** What was lowered before: the nodes of the cluster and around it, by their places in its text, and the kernels. */
interface Lowered {
  readonly nodes: readonly Node[];
  readonly kernels: readonly LoweredKernel[];
}

/**
 * Lowers clusters for one target, equal ones once: layers of equal sizes, and the steps of a loop that was written out, share the
 * text of their kernels and differ in what it is bound to.
 */
export function lowerOnce(target: Target, steady: ReadonlySet<Node> = new Set()): Lower {
  const known = new Map<string, Lowered>();
  return (cluster, stored) => {
    const { text, nodes } = describe(cluster, stored, steady);
    const before = known.get(text);
    if (before !== undefined) return again(before, nodes);
    const kernels = [...lower(cluster, stored, target, steady)];
    known.set(text, { nodes, kernels });
    return kernels;
  };
}

/** The kernels of an equal cluster, about other nodes. */
function again({ nodes: old, kernels }: Lowered, nodes: readonly Node[]): LoweredKernel[] {
  const own = new Map(old.map((node, place) => [node, nodes[place]!])); // equal texts have as many nodes
  const scopes = new Map(old.map((node, place) => [node.scope, nodes[place]!.scope]));
  const temporaries = new Map<Temporary, Temporary>();
  const bound = (argument: Node | Temporary): Node | Temporary => {
    if (!isTemporary(argument)) return own.get(argument)!;
    const fresh = temporaries.get(argument) ?? { ...argument };
    temporaries.set(argument, fresh);
    return fresh;
  };
  return kernels.map((lowered) => ({
    ...lowered,
    kernel: { ...lowered.kernel, scope: renamed(lowered.kernel.scope, scopes) },
    arguments: lowered.arguments.map(bound),
    inPlace: lowered.inPlace.map(([root, read]) => [own.get(root)!, own.get(read)!] as const),
  }));
}

const renamed = (scope: string, scopes: ReadonlyMap<string, string>): string =>
  [...new Set(scope.split("+").map((each) => scopes.get(each) ?? each))].join("+");

/**
 * All that lowering sees of a cluster, in an order that does not depend on names: the nodes that it computes, back to what lies in
 * memory. Equal texts give equal kernels, bound to the nodes at the same places.
 */
function describe(
  cluster: Cluster,
  stored: ReadonlySet<Node>,
  steady: ReadonlySet<Node>,
): { readonly text: string; readonly nodes: Node[] } {
  const members = new Set(cluster.members);
  const isRead = (node: Node): boolean =>
    !members.has(node) && (stored.has(node) || isOp(node, "input") || isOp(node, "pick"));
  const found = new Set<Node>();
  const pending = [...cluster.members, ...cluster.roots];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    if (!isRead(node)) pending.push(...node.inputs);
  }
  // What is computed in the order of making, as lowering goes; what is read as it appears, whenever it was made.
  const computed = [...found].filter((node) => !isRead(node)).sort((x, y) => x.id - y.id);
  const nodes = [
    ...new Set([...computed, ...[...computed, ...cluster.roots].flatMap(({ inputs }) => inputs), ...found]),
  ];
  const places = new Map(nodes.map((node, place) => [node, place]));
  const lines = nodes.map((node) => {
    const marks = `${members.has(node) ? "m" : ""}${stored.has(node) ? "s" : ""}${steady.has(node) ? "t" : ""}`;
    const type = `${node.dtype}[${node.shape.join()}]`;
    if (isRead(node)) return `read ${marks} ${type}`;
    return `${node.op} ${marks} ${type} ${node.inputs.map((source) => places.get(source)).join()} ${attrsKey(node)}`;
  });
  const roots = cluster.roots.map((root) => places.get(root)).join();
  return { text: `${cluster.kind} ${roots}\n${lines.join("\n")}`, nodes };
}
