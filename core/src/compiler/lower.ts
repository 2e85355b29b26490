import { InternalError } from "../base/errors.ts";
import type { Node } from "../graph/node.ts";
import { forgetKeys } from "../kernel/key.ts";
import type { Target } from "../render/target.ts";
import type { Cluster, LoweredKernel } from "./cluster.ts";
import { lowerAttention } from "./lower/attention.ts";
import { planAttention } from "./lower/attentionPlan.ts";
import { lowerContract } from "./lower/contract.ts";
import { joinedRoots } from "./lower/joined.ts";
import { choosePlan, lowerLoop } from "./lower/loop.ts";
import { groupBySize } from "./lower/maps.ts";
import { lowerNorm } from "./lower/norm.ts";
import { lowerOpaque } from "./lower/opaque.ts";
import { neededBy, type Work } from "./lower/roots.ts";

export { structureOf } from "../kernel/key.ts";
export { inlineTerms, isInline } from "./lower/reducer.ts";

/*
 * Lowering: one cluster → a short fixed sequence of kernels.
 *
 * How a member's input is found: a member is computed; else a stored node (or `input`) is loaded; else it is recomputed
 * here (sources, views, maps that are neither). A root that other members read is not read back from memory: its value is
 * shared in registers when the indices are equal, and recomputed otherwise.
 *
 * Names: *maplike* = kinds source, map, view, `gather` (both operands), and barrier; *inline* = a reduce, fold, contract
 * or conv of at most `inlineTerms` (16) terms an element (`isInline(node)`), or any fold whose windows do not overlap:
 * an inline node may stand wherever a maplike node may (it is unrolled and recomputed at every use).
 * *reducer* = reduce, fold, contract or conv that is not inline.
 *
 * kind "loop" accepts
 *  1. maplike and inline members only, any roots. Roots of one size (flat order kept) share a loop; roots of other
 *     sizes become further kernels of the same cluster.
 *  2. reducers, maplike members before, between and after them, when they agree on rows: every reducer's result has the
 *     same number R of elements, and whatever reads a reducer reads the same flat row: reducer results and their maps,
 *     reshapes of them, and expands of them over further axes. Formally: each root's (and each reducer's input's) index
 *     into every reducer, flattened row-major, must equal the flattening of a subset of the root's own axes (of the kept
 *     axes). Softmax, normalisations, cross entropy forward and backward over one row axis all qualify; roots are of row
 *     size R (scalars a row) or R × anything. `acceptsLoop(cluster, stored)` says exactly whether this holds.
 *     Siblings over the same domain share one loop. A single reducer with roots of R elements may be of any layout (row,
 *     column or mixed); use several reducers in one cluster only if the reduced axes are the innermost ones (they run
 *     row by row), or the domain is small.
 *  3. contract and conv as reducers, without the contraction engine (small, integer, matrix-vector): as rule 2.
 * kind "norm": exactly one reduction of everything to one number (f32), maplike and inline members before it, and maps of that
 *  number after it; all roots are numbers.
 * kind "contract": exactly one contract or conv plus
 *  - prologue: maplike/inline members before either operand (recomputed whenever the operand is packed: keep the left
 *    operand's prologue cheap, cost ≤ ~16 an element; stored operands are best);
 *  - epilogue: maplike/inline members after it, up to several roots, each of the contraction's number of elements with
 *    its flat order or a permutation/reshape of its axes (also the raw result itself). Everything is accepted (a
 *    reducer after it too), but roots that are not elementwise in the contraction cost a temporary and extra kernels.
 *  Whether the engine or plain loops serve it is decided here (dtype, size).
 * Anything else in a "loop" or "contract" cluster still gives right results, by temporaries between kernels.
 * kind "opaque": exactly one argsort, cumulative or scatter, which is the only root, plus maplike/inline members before
 *  its operands (recomputed at each read; argsort and cumulative read each element once, scatter reads each update
 *  once, but `indices` once a task: keep those stored or trivial).
 * kind "attention": contractions of contractions, with maps and reductions of rows between them (`lower/attentionPlan.ts` says
 *  which); `acceptsAttention(cluster, stored)` says whether this holds. Roots are the last contractions, or several side by side.
 * kind "scan" and "cond" are not lowered here (the scheduler makes loop and branch steps): InternalError.
 *
 * An `input`, `const` or other source as root is copied (case 1), so outputs that are plain inputs work.
 * `name`s are descriptive, not unique: the caller makes them unique and merges kernels of equal `structureOf`.
 */

const none: ReadonlySet<Node> = new Set();

/** The kernels that compute `cluster`, in launch order; `steady` values are likely to be the same in the next run. */
export function lower(
  cluster: Cluster,
  stored: ReadonlySet<Node>,
  target: Target,
  steady: ReadonlySet<Node> = none,
): LoweredKernel[] {
  forgetKeys();
  const { members, roots } = cluster;
  const work: Work = { members: new Set(members), stored, roots, substitutes: new Map(), steady };
  switch (cluster.kind) {
    case "loop":
      return lowerLoop(work, target);
    case "norm":
      return lowerNorm(work, target);
    case "contract":
      return lowerContract(work, target);
    case "attention":
      return lowerAttention(work, target);
    case "opaque":
      return lowerOpaque(work, target);
    case "scan":
    case "cond":
      throw new InternalError(`lower: ${cluster.kind} clusters are not lowered here`);
  }
}

/** Whether an "attention" cluster of these members becomes one kernel that never stores the scores. */
export function acceptsAttention(
  { members, roots }: Pick<Cluster, "members" | "roots">,
  stored: ReadonlySet<Node>,
): boolean {
  const work: Work = { members: new Set(members), stored, roots, substitutes: new Map() };
  const joined = joinedRoots(work);
  return joined !== undefined && planAttention({ ...work, roots: [...joined.keys()] }) !== undefined;
}

/** Whether rules 1 to 3 hold: a "loop" cluster of these members becomes one kernel, without temporaries. */
export function acceptsLoop(cluster: Cluster, stored: ReadonlySet<Node>): boolean {
  const work: Work = { members: new Set(cluster.members), stored, roots: cluster.roots, substitutes: new Map() };
  const plan = choosePlan(work, neededBy(work.roots, work));
  if (plan === "separate") return false;
  if (plan === "maps") return groupBySize(work.roots).length <= 1;
  return work.roots.every((root) => plan.rowAxes.get(root) !== undefined);
}
