import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Target } from "chainrule/render";
import { execute, type Toolchain } from "./toolchain.ts";

/** The vector instructions of a machine, and the register tile that fits them. */
interface VectorUnit {
  /** For people. */
  readonly name: string;
  readonly lanes: number;
  readonly registers: number;
  readonly fused: boolean;
  readonly tile: { readonly rows: number; readonly columns: number };
}

/**
 * Tiles fill the registers with accumulators and leave room for one row of the right panel and one broadcast: the shapes
 * of Goto & van de Geijn, "Anatomy of high-performance matrix multiplication" (2008), for each register file.
 */
function vectorUnit(macros: ReadonlyMap<string, string>): VectorUnit {
  const fused = macros.has("__FMA__");
  if (macros.has("__AVX512F__"))
    return { name: "AVX-512", lanes: 16, registers: 32, fused: true, tile: { rows: 12, columns: 32 } };
  if (macros.has("__AVX2__")) return { name: "AVX2", lanes: 8, registers: 16, fused, tile: { rows: 6, columns: 16 } };
  if (macros.has("__AVX__")) return { name: "AVX", lanes: 8, registers: 16, fused, tile: { rows: 6, columns: 16 } };
  if (macros.has("__ARM_NEON"))
    return { name: "NEON", lanes: 4, registers: 32, fused: true, tile: { rows: 8, columns: 12 } };
  if (macros.has("__SSE2__"))
    return { name: "SSE2", lanes: 4, registers: 16, fused: false, tile: { rows: 6, columns: 8 } };
  return { name: "scalar", lanes: 4, registers: 16, fused, tile: { rows: 4, columns: 4 } };
}

const bytesPerFloat = 4;
const kibibyte = 1024;

/** Bytes of the data caches of one core. */
export interface Caches {
  readonly first: number;
  readonly second: number;
}

/** What is assumed where the system does not tell. */
const usualCaches: Caches = { first: 32 * kibibyte, second: 512 * kibibyte };

const parseSize = (text: string): number =>
  Number.parseInt(text, 10) * (text.trim().endsWith("M") ? kibibyte * kibibyte : kibibyte);

async function linuxCaches(): Promise<Caches> {
  const sizes = new Map<string, number>();
  for (let index = 0; index < 4; index++) {
    const folder = `/sys/devices/system/cpu/cpu0/cache/index${index}`;
    const [level, type, size] = await Promise.all(
      ["level", "type", "size"].map((file) => readFile(`${folder}/${file}`, "utf8")),
    );
    if (type!.trim() !== "Instruction") sizes.set(level!.trim(), parseSize(size!));
  }
  return { first: sizes.get("1") ?? usualCaches.first, second: sizes.get("2") ?? usualCaches.second };
}

async function macCaches(): Promise<Caches> {
  const text = await execute("sysctl", ["-n", "hw.l1dcachesize", "hw.l2cachesize"]);
  const [first, second] = text.trim().split("\n").map(Number);
  return { first: first || usualCaches.first, second: second || usualCaches.second };
}

async function cachesOf(): Promise<Caches> {
  try {
    const { first, second } = await (process.platform === "darwin" ? macCaches() : linuxCaches());
    return first > 0 && second > 0 ? { first, second } : usualCaches;
  } catch {
    return usualCaches;
  }
}

const multipleOf = (step: number, size: number): number => Math.max(step, Math.floor(size / step) * step);

/**
 * Shares of the caches that packed panels may take, and the largest blocks that are worth it. A panel is fetched ahead of the sum, so it
 * need not stay in the first cache; longer sums add to their results less often.
 */
const shareOfFirst = 2;
const shareOfSecond = 0.25;
const deepest = 512;
const tallest = 256;
const widest = 512;
const elementsPerTask = 16_384;

/** The record that the compiler plans with. */
export function describeTarget(macros: ReadonlyMap<string, string>, caches: Caches, threads: number): Target {
  const { lanes, registers, fused, tile } = vectorUnit(macros);
  // A block of the left operand stays in the second cache, as does the panel of the right one that all of its rows take.
  const depthBlock = Math.min(deepest, multipleOf(8, (shareOfFirst * caches.first) / (tile.columns * bytesPerFloat)));
  const rowBlock = Math.min(
    tallest,
    Math.max(tile.rows, Math.floor((shareOfSecond * caches.second) / (depthBlock * bytesPerFloat))),
  );
  const columnBlock = Math.min(widest, (shareOfSecond * caches.second) / (rowBlock * bytesPerFloat));
  return {
    name: "c",
    vectorLanes: lanes,
    vectorRegisters: registers,
    fusedMultiplyAdd: fused,
    threads,
    tile,
    depthBlock,
    rowBlock,
    columnBlock: multipleOf(tile.columns, columnBlock),
    elementsPerTask,
  };
}

/** The name of the vector instructions that the compiler may use here. */
export const vectorName = ({ macros }: Toolchain): string => vectorUnit(macros).name;

/** Threads that run at once on this machine. */
export const machineThreads = (): number => availableParallelism();

/** What this machine is, as the compiler must know it. */
export const readTarget = async ({ macros }: Toolchain, threads: number): Promise<Target> =>
  describeTarget(macros, await cachesOf(), threads);
