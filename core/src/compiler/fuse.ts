import { sizeOf } from "../base/shape.ts";
import { type Graph, isOp, type Node } from "../graph/node.ts";
import type { Target } from "../render/target.ts";
import type { Cluster } from "./cluster.ts";
import { joinAttention } from "./fuse/attention.ts";
import { flowOf, isBoundary } from "./fuse/flow.ts";
import { type Group, Groups, roleOf } from "./fuse/group.ts";
import { absorb, grow, joinSiblings, updatesOf, viewsOfUpdates } from "./fuse/grow.ts";
import { clusterKind, membersOf } from "./fuse/members.ts";
import { normsOf } from "./fuse/norms.ts";
import { chooseStored } from "./fuse/recompute.ts";
import { type Rules, refuse } from "./fuse/refuse.ts";
import { storeRaw } from "./fuse/storeRaw.ts";
import type { Region } from "./region.ts";
import type { RowLoop } from "./scan/rowLoop.ts";

export interface FuseOptions {
  readonly target: Target;
  /** "none" makes one cluster of every computing node. */
  readonly fusion: "full" | "none";
  /** The outputs that are new values of inputs. */
  readonly replacing: ReadonlySet<Node>;
  /** The scans that run whole inside of kernels. */
  readonly rowLoops: ReadonlyMap<Node, RowLoop>;
}

/**
 * Cuts the graph into clusters. What decides is the declared kind of a node and the memory traffic that a merge saves, never its
 * name: maps join what they read (epilogues), cheap single-reader maps join what reads them (prologues), reductions over the
 * same rows share a kernel with the maps between them, and the updates of replaced inputs stay together.
 */
export function fuse(graph: Graph, options: FuseOptions): Region {
  const plain = flowOf(graph, options.rowLoops);
  const flow = flowOf(graph, options.rowLoops, viewsOfUpdates(plain, updatesOf(plain, options.replacing)));
  const groups = new Groups(flow);
  const norms = normsOf(graph, options.fusion === "full" ? options.replacing : new Set());
  const updates = updatesOf(flow, options.replacing);
  for (const scale of norms.scales) updates.delete(scale);
  const rules: Rules = { groups, target: options.target, updates, ...norms };
  if (options.fusion === "full") {
    joinAttention(groups);
    grow(rules);
    absorb(rules);
    joinSiblings(rules);
  } else {
    separateAll(groups);
  }
  const computed =
    options.fusion === "full"
      ? chooseStored(groups)
      : new Set(groups.all().flatMap(({ nodes }) => groups.roots(nodes)));
  if (options.fusion === "full") storeRaw(groups, computed);

  const bodies = new Map<Cluster, readonly Region[]>();
  const rowLoops = new Map<Cluster, RowLoop>();
  const clusters: Cluster[] = [];
  for (const group of groups.all()) {
    const cluster = clusterOf(group, computed, rules, options.fusion);
    if (cluster === undefined) continue;
    clusters.push(cluster);
    const inner = bodiesOf(group, options);
    if (inner.length > 0) bodies.set(cluster, inner);
    const rows = options.rowLoops.get(cluster.members[0]!);
    if (rows !== undefined) rowLoops.set(cluster, rows);
  }
  const stored = new Set<Node>([...graph.inputs, ...flow.nodes.filter(isBoundary), ...computed]);
  return { graph, clusters, stored, bodies, rowLoops };
}

/** Every node its own group; the results of a loop or a branch still belong to it. */
function separateAll(groups: Groups): void {
  for (const node of groups.flow.computing) {
    const group = groups.start(node);
    if (isOp(node, "pick")) groups.merge(group, groups.of(node.inputs[0]!)!);
  }
}

function clusterOf(
  group: Group,
  computed: ReadonlySet<Node>,
  rules: Rules,
  fusion: "full" | "none",
): Cluster | undefined {
  const structure = group.nodes.find((node) => isOp(node, "scan") || isOp(node, "cond"));
  const roots = group.nodes.filter((node) => computed.has(node));
  const made = (kind: Cluster["kind"], members: readonly Node[], written: readonly Node[]): Cluster => ({
    kind,
    members,
    roots: written,
    get reason() {
      return fusion === "none" ? "fusion is off" : reasonOf(group, rules);
    },
  });
  if (structure !== undefined) return made(clusterKind([structure]), group.nodes, roots);
  // Empty tensors need no kernel; values that all readers compute again need none either.
  const filled = roots.filter(({ shape }) => sizeOf(shape) > 0);
  if (filled.length === 0) return undefined;
  const members = membersOf(filled, (node) => computed.has(node) && !filled.includes(node));
  const isNorm = group.nodes.some((node) => rules.norms.has(node));
  const kind = group.sealed ? "attention" : isNorm ? "norm" : clusterKind(members);
  return made(kind, members, filled);
}

/** Why the readers of the group's results are not in it. */
function reasonOf(group: Group, rules: Rules): string {
  const { groups } = rules;
  const reasons = new Set<string>();
  for (const root of groups.roots(group.nodes)) {
    if (groups.flow.demanded.has(root) && groups.flow.graph.outputs.includes(root))
      reasons.add("the result is an output");
    for (const { to } of groups.flow.usersOf.get(root)!) {
      const reader = groups.of(to)!;
      if (reader !== group) reasons.add(refuse(group, reader, rules) ?? "nothing is gained by growing");
    }
  }
  if (reasons.size === 0) reasons.add(roleOf(group.nodes[0]!) === "alone" ? "it runs alone" : "its value is demanded");
  return [...reasons].join("; ");
}

function bodiesOf(group: Group, options: FuseOptions): Region[] {
  const inner = (body: Graph): Region => fuse(body, { ...options, replacing: new Set() });
  for (const node of group.nodes) {
    const rows = options.rowLoops.get(node);
    if (rows !== undefined) return rows.blocks.map(({ body }) => inner(body.graph));
    if (isOp(node, "scan")) return [inner(node.attrs.body)];
    if (isOp(node, "cond")) return [node.attrs.then, node.attrs.else].map(inner);
  }
  return [];
}
