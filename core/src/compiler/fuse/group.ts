import { isOp, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import type { Flow } from "./flow.ts";

/** Computing nodes that will be one cluster. Fusion merges groups until no rule wants another merge. */
export interface Group {
  /** In topological order. */
  readonly nodes: readonly Node[];
  /** Why it did not grow further, for each neighbour that was refused. */
  readonly refusals: Set<string>;
  /** Complete from the beginning: an attention, which nothing joins. */
  readonly sealed?: true;
}

/** The groups as they stand, and which group each node is in. */
export class Groups {
  readonly flow: Flow;
  readonly #groupOf = new Map<Node, Group>();
  readonly #unstored = new Set<Node>();

  constructor(flow: Flow) {
    this.flow = flow;
  }

  of(node: Node): Group | undefined {
    return this.#groupOf.get(node);
  }

  all(): Group[] {
    return [...new Set(this.#groupOf.values())];
  }

  start(node: Node): Group {
    return this.#put({ nodes: [node], refusals: new Set() });
  }

  /** A group that nothing joins. `unstored` are nodes that no kernel stores: each computes those that it needs. */
  seal(nodes: readonly Node[], unstored: Iterable<Node>): Group {
    for (const node of unstored) this.#unstored.add(node);
    return this.#put({ nodes: [...nodes].sort((x, y) => x.id - y.id), refusals: new Set(), sealed: true });
  }

  merge(a: Group, b: Group): Group {
    return this.#put({
      nodes: [...a.nodes, ...b.nodes].sort((x, y) => x.id - y.id),
      refusals: new Set([...a.refusals, ...b.refusals]),
    });
  }

  #put(group: Group): Group {
    for (const node of group.nodes) this.#groupOf.set(node, group);
    return group;
  }

  /** The groups that must run before `group`. */
  before(group: Group): Set<Group> {
    const found = new Set<Group>();
    for (const node of group.nodes) {
      const sources = [
        ...this.flow.readsOf.get(node)!.map(({ from }) => from),
        ...(this.flow.waitsFor.get(node) ?? []),
      ];
      for (const source of sources) {
        const other = this.#groupOf.get(source);
        if (other !== undefined && other !== group) found.add(other);
      }
    }
    return found;
  }

  /** Whether a third group lies on a way from one to the other, so that merging them would make a circle. */
  circle(a: Group, b: Group): boolean {
    return this.#reaches(a, b) || this.#reaches(b, a);
  }

  /** Whether `from` needs `to` through at least one other group. */
  #reaches(from: Group, to: Group): boolean {
    const oldest = to.nodes[0]!.id;
    const pending = [...this.before(from)].filter((group) => group !== to);
    const seen = new Set<Group>(pending);
    for (let group = pending.pop(); group !== undefined; group = pending.pop()) {
      for (const next of this.before(group)) {
        if (next === to) return true;
        // What was made before the first node of `to` cannot need it.
        if (seen.has(next) || next.nodes.at(-1)!.id < oldest) continue;
        seen.add(next);
        pending.push(next);
      }
    }
    return false;
  }

  /** The nodes that must be in memory when `nodes` are one cluster: those that others read. */
  roots(nodes: readonly Node[]): Node[] {
    const inside = new Set(nodes);
    return nodes.filter((node) => {
      if (isOp(node, "scan") || isOp(node, "cond") || this.#unstored.has(node)) return false;
      return this.flow.demanded.has(node) || this.flow.usersOf.get(node)!.some(({ to }) => !inside.has(to));
    });
  }
}

/** What decides which nodes may share a cluster. */
export type Role = "map" | "reducer" | "contraction" | "alone";

export function roleOf(node: Node): Role {
  const kind = kindOf(node);
  if (kind === "structure" || kind === "opaque" || kind === "cumulative") return "alone";
  if (kind === "contract") return "contraction";
  if (kind === "reduce") return "reducer";
  return "map";
}
