import type { Node } from "../../../graph/node.ts";
import type { Target } from "../../../render/target.ts";
import type { LoweredKernel } from "../../cluster.ts";
import type { Work } from "../roots.ts";
import type { Root } from "./epilogue.ts";
import { lowerFilter } from "./filter.ts";
import { winogradOf } from "./form.ts";
import { lowerImage } from "./image.ts";

/** The kernels of a convolution by minimal filtering, where that is clearly cheaper; `roots` are elementwise in `node`. */
export function lowerWinograd(
  work: Work,
  node: Node,
  roots: readonly Root[],
  target: Target,
): LoweredKernel[] | undefined {
  const form = winogradOf(node, target);
  if (form === undefined) return undefined;
  return form.result === "image" ? lowerImage(work, form, roots, target) : lowerFilter(work, form, roots, target);
}
