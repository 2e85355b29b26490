import { InternalError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import { isOp } from "../../graph/node.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel } from "../cluster.ts";
import { lowerArgsort } from "./argsort.ts";
import { lowerCumulative } from "./cumulative.ts";
import { lowerMeasure } from "./measure.ts";
import type { Work } from "./roots.ts";
import { lowerScatter } from "./scatter.ts";

/** The kernel of a cluster around one operation that is no loop nest of its own elements. */
export function lowerOpaque(work: Work, target: Target): LoweredKernel[] {
  const [root] = work.roots;
  if (root === undefined || sizeOf(root.shape) === 0) return [];
  if (isOp(root, "cumulative")) return [lowerCumulative(work, root, target)];
  if (isOp(root, "scatter")) return [lowerScatter(work, root, target)];
  if (isOp(root, "argsort")) return [lowerArgsort(work, root, target)];
  if (isOp(root, "measure")) return [lowerMeasure(work, root, target)];
  throw new InternalError(`lower: ${root.op} is not the operation of an opaque cluster`);
}
