import type { Node } from "../graph/node.ts";
import { structureOf } from "../kernel/key.ts";
import type { Target } from "../render/target.ts";
import type { Cluster, LoweredKernel } from "./cluster.ts";
import { lower } from "./lower.ts";
import type { LoweredRegion, Region, Unit } from "./region.ts";

/** Lowers single clusters for one target. */
export const lowerCluster =
  (target: Target) =>
  (cluster: Cluster, stored: ReadonlySet<Node>): LoweredKernel[] => [...lower(cluster, stored, target)];

/** All clusters of the region and of its bodies as kernels. */
export function lowerRegion(region: Region, target: Target): LoweredRegion {
  const unitOf = (cluster: Cluster): Unit => {
    const bodies = region.bodies.get(cluster);
    if (bodies !== undefined) return { cluster, kernels: [], bodies: bodies.map((body) => lowerRegion(body, target)) };
    return { cluster, kernels: lowerCluster(target)(cluster, region.stored), bodies: [] };
  };
  return { graph: region.graph, stored: region.stored, units: region.clusters.map(unitOf) };
}

const structures = new WeakMap<Unit, string>();

/** Equal for units whose single kernel is the same code, so that they can be instances of one launch. */
export function structureOfUnit(unit: Unit): string | undefined {
  const [only] = unit.kernels;
  if (only === undefined || unit.kernels.length > 1) return undefined;
  const known = structures.get(unit) ?? structureOf(only.kernel);
  structures.set(unit, known);
  return known;
}
