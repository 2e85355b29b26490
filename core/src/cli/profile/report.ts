import type { Events } from "../../base/events.ts";
import type { Limits } from "../../device/index.ts";
import { printBytes } from "../../model/index.ts";
import { aliveAtPeak, bytesOf, type KernelProfile, type Profile } from "../../observe/index.ts";
import { columns } from "./columns.ts";

interface Shown {
  /** What each device can do at most. */
  readonly limits: Readonly<Record<string, Limits>>;
  /** How many kernels. */
  readonly top: number;
}

const shownLayers = 3;
const giga = 1e9;
const flopsPerMultiplyAdd = 2;

/** Where the time went, kernel by kernel, against what the device can do, and who needed the memory. */
export function printProfile(profile: Profile, shown: Shown): string {
  const total = profile.programs.reduce((sum, { ms }) => sum + ms, 0);
  if (total === 0) return "No program ran on a device that works by plans: there is nothing to profile.";
  return [printLimits(shown.limits), printPrograms(profile), printKernels(profile, total, shown), printMemory(profile)]
    .filter((part) => part !== "")
    .join("\n\n");
}

const printLimits = (limits: Shown["limits"]): string =>
  Object.entries(limits)
    .map(([device, { multiplyAddsPerSecond, bytesPerSecond }]) => {
      const [flops, bytes] = [flopsPerMultiplyAdd * multiplyAddsPerSecond, bytesPerSecond];
      return `Limits of ${device}, measured now: ${(flops / giga).toFixed(0)} GFLOP/s in register tiles, ${(bytes / giga).toFixed(1)} GB/s from memory`;
    })
    .join("\n");

function printPrograms({ programs }: Profile): string {
  const rows = programs
    .slice(0, 8)
    .map(({ name, device, runs, launchesPerRun, ms }) => [
      name,
      device,
      count(runs),
      count(launchesPerRun),
      `${(ms / runs).toFixed(3)} ms`,
      `${ms.toFixed(0)} ms`,
    ]);
  return columns(
    ["Program", "device", "runs", "launches a run", "a run", "in all"],
    ["left", "left", "right", "right", "right", "right"],
    rows,
  );
}

/** The roofline: the least time that the arithmetic or the memory traffic of a kernel takes, and which of the two it is. */
function roofline({ multiplyAdds, bytes, ms }: KernelProfile, limits: Limits | undefined) {
  if (limits === undefined || ms === 0) return { share: "–", bound: "" };
  const arithmetic = multiplyAdds / limits.multiplyAddsPerSecond;
  const traffic = bytes / limits.bytesPerSecond;
  const share = (1000 * Math.max(arithmetic, traffic)) / ms;
  // More than memory can give: the values were still in a cache.
  if (share > 1 && traffic > arithmetic) return { share: "–", bound: "cache" };
  return { share: `${Math.round(100 * share)}%`, bound: arithmetic > traffic ? "arithmetic" : "memory" };
}

function printKernels({ kernels }: Profile, total: number, { limits, top }: Shown): string {
  const rows = kernels.slice(0, top).map((kernel) => {
    const { share, bound } = roofline(kernel, limits[kernel.device]);
    const perSecond = (amount: number): string => (amount / giga / (Math.max(kernel.ms, 1e-9) / 1000)).toFixed(1);
    return [
      `${((100 * kernel.ms) / total).toFixed(1)}%`,
      `${kernel.ms.toFixed(1)} ms`,
      count(kernel.launches),
      `${((1000 * kernel.ms) / kernel.launches).toFixed(1)} µs`,
      perSecond(flopsPerMultiplyAdd * kernel.multiplyAdds),
      perSecond(kernel.bytes),
      share,
      bound,
      kernel.kernel,
      layersOf(kernel.scope),
    ];
  });
  const left = kernels.slice(top).reduce((sum, { ms }) => sum + ms, 0);
  const note =
    left > 0
      ? `\n  and ${count(kernels.length - top)} more kernels: ${((100 * left) / total).toFixed(1)}% of the time`
      : "";
  return `${columns(
    ["time", "in all", "launches", "each", "GFLOP/s", "GB/s", "roofline", "bound by", "kernel", "layers"],
    ["right", "right", "right", "right", "right", "right", "right", "left", "left", "left"],
    rows,
  )}${note}`;
}

/** The layers of a kernel; those that updates serve are all of the model's. */
function layersOf(scope: string): string {
  const layers = scope.split("+");
  return layers.length <= shownLayers
    ? layers.join(" + ")
    : `${layers.slice(0, shownLayers - 1).join(" + ")} + ${layers.length - shownLayers + 1} more`;
}

/** The largest program's memory, by owner. */
function printMemory({ memory: [largest] }: Profile): string {
  if (largest === undefined) return "";
  const owners = Object.entries(ownersOf(largest)).filter(([, bytes]) => bytes > 0);
  const all = bytesOf(largest);
  const rows = owners.map(([owner, bytes]) => [owner, printBytes(bytes), `${((100 * bytes) / all).toFixed(1)}%`]);
  const temporary = peakByLayer(largest).slice(0, 8);
  const layers = temporary.map(([layer, bytes]) => [layer, printBytes(bytes)]);
  return [
    `Memory of ${largest.name} (${largest.device}): ${printBytes(all)}`,
    columns(["owner", "bytes", ""], ["left", "right", "right"], rows),
    ...(layers.length === 0
      ? []
      : [
          "What its intermediate results are of, when most are alive",
          columns(["layer", "bytes"], ["left", "right"], layers),
        ]),
  ].join("\n\n");
}

/** Weights and the optimizer's moments are both state: names tell them apart. */
function ownersOf({ inputs, outputBytes, arenaBytes, scratchBytes }: Events["program"]): Record<string, number> {
  const sum = (state: boolean): number =>
    inputs.filter((each) => each.state === state).reduce((bytes, each) => bytes + each.bytes, 0);
  return {
    "variables that it changes (weights, moments, totals)": sum(true),
    "arguments (data, constants, frozen weights)": sum(false),
    "intermediate results (arena)": arenaBytes,
    results: outputBytes,
    "scratch, a thread": scratchBytes,
  };
}

function peakByLayer(program: Events["program"]): (readonly [layer: string, bytes: number])[] {
  const bytes = new Map<string, number>();
  for (const { scope, name, bytes: size } of aliveAtPeak(program)) {
    const layer = scope === "" ? `(${name})` : scope;
    bytes.set(layer, (bytes.get(layer) ?? 0) + size);
  }
  return [...bytes].sort(([, a], [, b]) => b - a);
}

const count = (value: number): string => value.toLocaleString("en-US");
