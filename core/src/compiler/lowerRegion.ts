import { InternalError } from "../base/errors.ts";
import { isOp } from "../graph/node.ts";
import { structureOf } from "../kernel/key.ts";
import type { Target } from "../render/target.ts";
import type { Cluster, LoweredKernel } from "./cluster.ts";
import { blockTarget } from "./lower/blockTarget.ts";
import { lowerScan } from "./lower/scan.ts";
import { lowerOnce } from "./lowerOnce.ts";
import type { LoweredRegion, Region, Unit } from "./region.ts";
import type { RowLoop } from "./scan/rowLoop.ts";
import { schedule } from "./schedule.ts";

/** All clusters of the region and of its bodies as kernels. */
export function lowerRegion(region: Region, target: Target, lowerCluster = lowerOnce(target)): LoweredRegion {
  const unitOf = (cluster: Cluster): Unit => {
    const bodies = region.bodies.get(cluster);
    const rows = region.rowLoops.get(cluster);
    if (rows !== undefined) return { cluster, kernels: lowerRows(cluster, rows, bodies ?? [], target), bodies: [] };
    if (bodies === undefined) return { cluster, kernels: lowerCluster(cluster, region.stored), bodies: [] };
    return { cluster, kernels: [], bodies: bodies.map((body) => lowerRegion(body, target, lowerCluster)) };
  };
  return { graph: region.graph, stored: region.stored, units: region.clusters.map(unitOf) };
}

/** The kernels of a scan that runs as rows: those of its body, for each size of blocks, become parts of one. */
function lowerRows(cluster: Cluster, rows: RowLoop, bodies: readonly Region[], target: Target): LoweredKernel[] {
  const scan = cluster.members[0]!;
  if (!isOp(scan, "scan")) throw new InternalError("lower: only a scan runs as rows");
  const picks = cluster.roots.filter((root) => isOp(root, "pick"));
  return rows.blocks.flatMap((block, index) => {
    const lowered = lowerRegion(bodies[index]!, blockTarget(rows, block, target)); // one region a block
    const nexts = new Set(block.body.graph.outputs.slice(0, scan.attrs.carries));
    const { works } = schedule(lowered, nexts, structureOfUnit);
    const calls = works.flatMap((work) => (work.kind === "launch" ? work.calls : []));
    return lowerScan({ scan, picks, rows }, block, calls);
  });
}

const structures = new WeakMap<Unit, string>();

/** Equal for units whose single kernel (norms: both) is the same code, so that they can be instances of one launch. */
export function structureOfUnit(unit: Unit): string | undefined {
  const { kernels, cluster } = unit;
  if (kernels.length === 0 || (kernels.length > 1 && cluster.kind !== "norm")) return undefined;
  const known = structures.get(unit) ?? kernels.map(({ kernel }) => structureOf(kernel)).join("\n");
  structures.set(unit, known);
  return known;
}
