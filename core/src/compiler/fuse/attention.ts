import { sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { leastTasks } from "../lower/attentionBlocks.ts";
import { isScore, scoreSize } from "../lower/attentionPlan.ts";
import { acceptsAttention } from "../lower.ts";
import { type Flow, isBoundary, type Read } from "./flow.ts";
import { type Groups, roleOf } from "./group.ts";
import { membersOf } from "./members.ts";

/**
 * Makes groups of contractions whose results only meet maps, reductions of their rows, and further contractions: attention, in
 * both directions. What lies between the contractions is never stored: a group computes all of it again that it needs (so the
 * derivative of softmax(q·kᵀ)·v starts from q and k). Comes before all other groups.
 */
export function joinAttention(groups: Groups): void {
  const inner = new Set<Node>();
  const closings = new Set<Node>();
  for (const node of groups.flow.computing) {
    if (inner.has(node) || closings.has(node) || !isScore(node)) continue;
    const family = familyOf(node as Node<"contract">, groups.flow); // `isScore` holds for contractions only
    if (family === undefined) continue;
    // What one family computes inside, another cannot read; what one stores, another cannot leave out.
    const taken = [...family.inner, ...family.closings].some((each) => inner.has(each) || closings.has(each));
    if (taken || !seal(family, groups)) continue;
    for (const each of family.inner) inner.add(each);
    for (const each of family.closings) closings.add(each);
  }
}

/** Scores that meet each other, and all that is computed from them up to the contractions that read it. */
interface Family {
  readonly scores: ReadonlySet<Node>;
  /** Scores, maps and reductions: what is not to be stored. */
  readonly inner: ReadonlySet<Node>;
  /** Contractions of inner values. */
  readonly closings: ReadonlySet<Node>;
}

/** The family of a score; undefined when something else needs one of its values. */
function familyOf(first: Node<"contract">, flow: Flow): Family | undefined {
  const { batch, rows, columns } = scoreSize(first);
  const [wide, row] = [batch * rows * columns, batch * rows];
  const scores = new Set<Node>();
  const inner = new Set<Node>();
  const closings = new Set<Node>();
  const pending: Node[] = [];
  const include = (node: Node): void => {
    if (!inner.has(node)) pending.push(node);
    inner.add(node);
  };
  const includeScore = (node: Node): void => {
    scores.add(node);
    include(node);
  };
  const accepts = ({ from, to, flat }: Read): boolean => {
    const fromRow = sizeOf(from.shape) === row && wide !== row && !scores.has(from);
    const size = sizeOf(to.shape);
    switch (roleOf(to)) {
      case "map":
        if (size !== wide && size !== row) return false;
        if (!flat && !(fromRow && size === wide)) return false;
        include(to);
        // What it meets may be a score, too.
        for (const other of flow.readsOf.get(to)!)
          if (other.flat && isScore(other.from) && sameSize(other.from as Node<"contract">)) includeScore(other.from); // `isScore`
        return true;
      case "reducer":
        if (fromRow || size !== row) return false;
        include(to);
        return true;
      case "contraction":
        if (fromRow || !isOp(to, "contract")) return false;
        closings.add(to);
        return true;
      case "alone":
        return false;
    }
  };
  const sameSize = (node: Node<"contract">): boolean => {
    const size = scoreSize(node);
    return size.batch === batch && size.rows === rows && size.columns === columns;
  };
  includeScore(first);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const users = flow.usersOf.get(node)!;
    if (flow.demanded.has(node) || users.length === 0 || !users.every(accepts)) return undefined;
  }
  const closed = closings.size > 0 && [...closings].every((node) => !inner.has(node));
  return closed ? { scores, inner, closings } : undefined;
}

/** Groups the closings that can share a kernel, each with the inner nodes that no earlier group has; false when one fits nowhere. */
function seal(family: Family, groups: Groups): boolean {
  const { flow } = groups;
  const kernels: (readonly Node[])[] = [];
  /** What the kernels before the given one compute; later ones compute it again. */
  const taken = (before: number): Set<Node> =>
    new Set(kernels.slice(0, before).flatMap((closings) => [...neededInside(closings, family, flow)]));
  for (const node of [...family.closings].sort((a, b) => a.id - b.id)) {
    const at = kernels.findIndex((closings, i) => fits([...closings, node], taken(i), family, flow));
    if (at >= 0) kernels[at] = [...kernels[at]!, node];
    else if (fits([node], taken(kernels.length), family, flow)) kernels.push([node]);
    else return false;
  }
  kernels.forEach((closings, i) => {
    const before = taken(i);
    const joining = joiningOf(closings, before, family, flow);
    const nodes = [...neededInside(closings, family, flow)].filter((node) => !before.has(node));
    groups.seal([...nodes, ...joining], [...family.inner, ...joiningInner(closings, joining)]);
  });
  return true;
}

/** When results are put side by side by one map, it belongs to them; else their own contractions are the results. */
const joiningInner = (closings: readonly Node[], joining: readonly Node[]): Node[] =>
  joining.length === 0 ? [] : [...closings, ...joining.slice(0, -1)];

/** Whether one kernel can compute the closings, with nothing outside between them. What is `taken` it computes once more. */
const fits = (closings: readonly Node[], taken: ReadonlySet<Node>, family: Family, flow: Flow): boolean =>
  isKernel(closings, neededInside(closings, family, flow), taken, flow);

function isKernel(roots: readonly Node[], inside: ReadonlySet<Node>, taken: ReadonlySet<Node>, flow: Flow): boolean {
  const own = new Set([...inside].filter((node) => !taken.has(node)));
  return !circular(own, flow) && acceptsAttention(clusterOf(roots, inside, flow), storedAround(inside, flow));
}

function clusterOf(roots: readonly Node[], inside: ReadonlySet<Node>, flow: Flow) {
  return { roots, members: membersOf(roots, (node) => !inside.has(node) && flow.usersOf.has(node)) };
}

/** What lies in memory for a cluster of the nodes: all other computing nodes, and inputs. */
const storedAround = (inside: ReadonlySet<Node>, flow: Flow): Set<Node> =>
  new Set(flow.nodes.filter((node) => isBoundary(node) || (flow.usersOf.has(node) && !inside.has(node))));

/** The closings and the inner nodes that they need. */
function neededInside(closings: readonly Node[], { inner }: Family, flow: Flow): Set<Node> {
  const needed = new Set<Node>(closings);
  const pending = [...closings];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const { from } of flow.readsOf.get(node)!) {
      if (!inner.has(from) || needed.has(from)) continue;
      needed.add(from);
      pending.push(from);
    }
  }
  return needed;
}

/** Whether a node outside needs one inside, and is needed by another. */
function circular(inside: ReadonlySet<Node>, flow: Flow): boolean {
  const after = new Set<Node>();
  for (const node of flow.computing) {
    const sources = [...flow.readsOf.get(node)!.map(({ from }) => from), ...(flow.waitsFor.get(node) ?? [])];
    const behind = sources.some((source) => after.has(source));
    if (inside.has(node)) {
      if (behind) return true;
    } else if (behind || sources.some((source) => inside.has(source))) after.add(node);
  }
  return false;
}

/** The maps that put all of the closings side by side, in order, when nothing else reads the closings. */
function joiningOf(closings: readonly Node[], taken: ReadonlySet<Node>, family: Family, flow: Flow): Node[] {
  const [score] = family.scores as ReadonlySet<Node<"contract">>; // `isScore` holds for contractions only
  // Parts of a batch are added after the kernel, each contraction for itself.
  if (closings.length < 2 || scoreSize(score!).batch < leastTasks) return [];
  const joining: Node[] = [];
  const made = new Set<Node>(closings);
  for (;;) {
    const open = [...made].filter(
      (node) => !joining.some((other) => flow.readsOf.get(other)!.some(({ from }) => from === node)),
    );
    if (open.length === 1 && joining.length > 0) break;
    const next = open
      .flatMap((node) => flow.usersOf.get(node)!.map(({ to }) => to))
      .sort((a, b) => a.id - b.id)
      .find((to) => !made.has(to));
    if (next === undefined || !isOp(next, "add") || joining.length >= closings.length) return [];
    const alone = flow.readsOf.get(next)!.every(({ from }) => {
      return made.has(from) && !flow.demanded.has(from) && flow.usersOf.get(from)!.every(({ to }) => to === next);
    });
    if (!alone) return [];
    made.add(next);
    joining.push(next);
  }
  const root = joining.at(-1)!;
  const inside = new Set([...neededInside(closings, family, flow), ...joining]);
  return isKernel([root], inside, taken, flow) ? joining : [];
}
