import { ratio } from "./statistics.ts";
import type { Unit } from "./workloads/workload.ts";

/** What was measured of one system at one workload: a line of the table, an entry of the JSON file. */
export interface Result {
  readonly workload: string;
  readonly system: string;
  readonly version: string;
  readonly device: string;
  readonly threads: number;
  readonly unit: Unit;
  readonly median: number;
  readonly best: number;
  /** The value of each round. */
  readonly runs: readonly number[];
  /** Peak resident memory above that after the import; null where it has no meaning or the system does not tell. */
  readonly peakBytes: number | null;
}

/** The name under which our results stand, whatever the device. */
export const ours = "chainrule";
/** The name under which the machine's limits stand. */
export const machine = "machine";

/** What bounds W1 in WebAssembly. */
export const wasmPeak = "limit WASM SIMD peak";

/** What our devices share (what is installed, what is bundled) has no device. */
const nameOf = ({ system, device }: Result): string => (system === ours ? `${system} ${device}`.trim() : system);

/** The physical limit that bounds a workload, by the beginning of its name. */
const bounds = { W1: "limit FMA peak", "W8 gelu": "limit stream triad", "W8 sum": "limit stream read" } as const;

/** Three digits that count, thousands separated: 1,640; 82.3; 0.73. */
export function formatNumber(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString("en-US", {
    minimumFractionDigits: Math.min(digits, 2),
    maximumFractionDigits: Math.min(digits, 2),
  });
}

const formatRatio = (value: number): string => `${value.toFixed(2)}×`;
const formatBytes = (bytes: number | null): string => (bytes === null ? "" : `${formatNumber(bytes / 1e6)} MB`);

/**
 * A line a result, under a line a workload. The last columns say how many times as good ours is as the line's system, and
 * how much of the machine's limit the line's system reaches.
 */
export function formatTable(results: readonly Result[]): string {
  const columns = [...new Set(results.filter(({ system, device }) => system === ours && device !== "").map(nameOf))];
  const compared = results.some(({ system }) => system !== ours && system !== machine) || columns.length > 1;
  const ratios = compared ? columns : [];
  const heads = ["", "version", "threads", "median", "best", "peak", ...ratios.map((name) => `${name} is`), "of limit"];
  const lines: (readonly string[] | string)[] = [heads];
  for (const [workload, entries] of groupBy(results)) {
    lines.push(`${workload} [${entries[0]!.unit}]`);
    for (const entry of entries) {
      lines.push([
        `  ${entry.system === ours ? nameOf(entry) : withDevice(entry)}`,
        entry.version,
        entry.threads === 0 ? "" : String(entry.threads),
        formatNumber(entry.median),
        formatNumber(entry.best),
        formatBytes(entry.peakBytes),
        ...ratios.map((column) => ratioTo(entry, entries, column)),
        shareOfLimit(entry, results),
      ]);
    }
  }
  return align(lines);
}

/** How many times as good our result under `column` is as `entry`; nothing where that is the same one. */
function ratioTo(entry: Result, entries: readonly Result[], column: string): string {
  const mine = entries.find((each) => each.system === ours && (each.device === "" || nameOf(each) === column));
  return mine === undefined || mine === entry ? "" : formatRatio(ratio(entry.unit, mine.runs, entry.runs));
}

function shareOfLimit({ workload, device, median: value }: Result, results: readonly Result[]): string {
  const bound = Object.entries(bounds).find(([start]) => workload.startsWith(start))?.[1];
  const inWasm = bound === bounds.W1 && device.startsWith("wasm");
  const limit = results.find((each) => each.workload === (inWasm ? wasmPeak : bound));
  return limit === undefined ? "" : `${Math.round((100 * value) / limit.median)} %`;
}

const withDevice = ({ system, device }: Result): string =>
  device === "cpu" || device === "" ? system : `${system} (${device})`;

function groupBy(results: readonly Result[]): Map<string, Result[]> {
  const groups = new Map<string, Result[]>();
  for (const result of results) groups.set(result.workload, [...(groups.get(result.workload) ?? []), result]);
  return groups;
}

/** Rows of cells in columns, the first two to the left and numbers to the right; a string is a line of its own. */
function align(rows: readonly (readonly string[] | string)[]): string {
  const cells = rows.filter((row) => typeof row !== "string");
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => [...row[column]!].length)));
  return rows
    .map((row) => {
      if (typeof row === "string") return row;
      const padded = row.map((cell, column) => {
        const space = " ".repeat(widths[column]! - [...cell].length);
        return column < 2 ? cell + space : space + cell;
      });
      return padded.join("  ").trimEnd();
    })
    .join("\n");
}
