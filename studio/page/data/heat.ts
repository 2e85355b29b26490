import { type Bar, barsOf, bucketCount, bucketRange, type ExponentHistogram } from "chainrule/record";
import type { RunLog } from "./runLog.ts";
import { type At, countAt, lastAt } from "./search.ts";

export type HeatScale = "linear" | "powers";

export interface HeatView {
  readonly run: string;
  /** `TensorDefinition.id`. */
  readonly tensor: number;
  readonly columns: number;
  /** Rows of equal width, or of powers of two on both sides of zero. */
  readonly scale: HeatScale;
}

/** Histograms over time as a picture: each column a time, each row a range of values, the lowest one first. */
export interface Heat {
  /** Steps of the first and the last column. */
  readonly from: number;
  readonly to: number;
  readonly columns: number;
  readonly rows: number;
  /** Share of the column's numbers in a row, [columns, rows]. */
  readonly shares: Float32Array;
  /** The lowest value of each row, and behind them the highest of all. */
  readonly edges: Float64Array;
  /** Columns in which numbers were not finite. */
  readonly nonFinite: Uint8Array;
}

/** Numbers beyond the rows are counted in the outermost ones: this share of them at most. */
const outside = 0.002;
const linearRows = 33;
const mostPowers = 24;

/** What buckets mean; both NaN for numbers that are not finite. */
const ranges = Array.from({ length: bucketCount }, (_, bucket) => bucketRange(bucket));

/** The tensor's histograms over the run so far; undefined where there are none. */
export function heatOf(log: RunLog, { tensor, columns, scale }: HeatView): Heat | undefined {
  const all = log.tensors.get(tensor)?.histograms ?? [];
  if (all.length === 0) return undefined;
  const [from, to] = [all[0]!.step, Math.max(all[0]!.step + 1, log.step)];
  const used = Math.min(columns, all.length);
  const sums = Array.from({ length: used }, (_, column) => sumOfColumn(all, from, to, column, used));
  const edges = scale === "linear" ? linearEdges(sums) : powerEdges(sums);
  const rows = edges.length - 1;
  const shares = new Float32Array(used * rows);
  const nonFinite = new Uint8Array(used);
  for (const [column, counts] of sums.entries()) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    for (const [bucket, count] of counts.entries()) {
      if (count === 0) continue;
      const { low, high } = ranges[bucket]!;
      if (Number.isNaN(low)) nonFinite[column] = 1;
      else spreadOver(edges, low, high, count / total, shares.subarray(column * rows, (column + 1) * rows));
    }
  }
  return { from, to, columns: used, rows, shares, edges, nonFinite };
}

/** Adds a share to the rows that a range of values overlaps, as if it lay evenly in it. */
function spreadOver(edges: Float64Array, low: number, high: number, share: number, rows: Float32Array): void {
  const last = rows.length - 1;
  const begin = Math.max(0, Math.min(last, firstAbove(edges, low) - 1));
  for (let row = begin; row <= last; row++) {
    const [bottom, top] = [row === 0 ? low : edges[row]!, row === last ? high : edges[row + 1]!];
    const overlap = Math.min(high, top) - Math.max(low, bottom);
    if (high <= low) {
      rows[row]! += share;
      return;
    }
    if (overlap > 0) rows[row]! += (share * overlap) / (high - low);
    if (top >= high) return;
  }
}

function firstAbove(edges: Float64Array, value: number): number {
  let place = 0;
  while (place < edges.length && edges[place]! <= value) place++;
  return place;
}

/** All histograms of a column's steps, added; the last one before it where it has none. Counts by bucket. */
function sumOfColumn(
  all: readonly At<ExponentHistogram>[],
  from: number,
  to: number,
  column: number,
  columns: number,
): Float64Array {
  const [left, right] = [from + ((to - from) * column) / columns, from + ((to - from) * (column + 1)) / columns];
  const begin = Math.min(countAt(all, column === 0 ? left - 1 : left), all.length - 1);
  const counts = new Float64Array(bucketCount);
  for (const { value } of all.slice(begin, Math.max(begin + 1, countAt(all, right))))
    value.buckets.forEach((bucket, index) => {
      counts[bucket]! += value.counts[index]!;
    });
  return counts;
}

/** Equal rows from minus to plus the magnitude that all but few numbers stay below. */
function linearEdges(sums: readonly Float64Array[]): Float64Array {
  const bySize = sizesOf(sums);
  const total = bySize.reduce((sum, { count }) => sum + count, 0);
  let [limit, beyond] = [0, 0];
  for (const { high, count } of bySize.reverse()) {
    limit = high;
    beyond += count;
    if (beyond > outside * total) break;
  }
  if (limit === 0) limit = 1;
  return Float64Array.from({ length: linearRows + 1 }, (_, edge) => limit * ((2 * edge) / linearRows - 1));
}

/** Powers of two on both sides of a row for zero and what is smaller than the smallest of them. */
function powerEdges(sums: readonly Float64Array[]): Float64Array {
  const known = sizesOf(sums).filter(({ high }) => high > 0);
  const high = known.length === 0 ? 0 : Math.ceil(Math.log2(known.at(-1)!.high));
  const low = known.length === 0 ? -1 : Math.max(Math.floor(Math.log2(known[0]!.high)) - 1, high - mostPowers);
  const powers = Array.from({ length: high - low + 1 }, (_, place) => 2 ** (low + place));
  return Float64Array.from([...powers.toReversed().map((power) => -power), ...powers]);
}

/** How many numbers have a magnitude up to `high`, by rising magnitudes. */
function sizesOf(sums: readonly Float64Array[]): { readonly high: number; readonly count: number }[] {
  const counts = new Map<number, number>();
  for (const sum of sums) {
    for (const [bucket, count] of sum.entries()) {
      const { low, high } = ranges[bucket]!;
      if (count === 0 || Number.isNaN(low)) continue;
      // The bucket of zero begins and ends near it.
      const size = bucket % (bucketCount / 2) === 0 ? 0 : Math.max(Math.abs(low), Math.abs(high));
      counts.set(size, (counts.get(size) ?? 0) + count);
    }
  }
  return [...counts].map(([high, count]) => ({ high, count })).sort((a, b) => a.high - b.high);
}

export interface HistogramBars {
  readonly step: number;
  readonly bars: readonly Bar[];
  readonly nonFinite: number;
}

/** The tensor's histogram that was the last one at `step`, by powers of two and their halves. */
export function histogramAt(log: RunLog, tensor: number, step: number): HistogramBars | undefined {
  const found = lastAt(log.tensors.get(tensor)?.histograms ?? [], step);
  return found === undefined ? undefined : { step: found.step, ...barsOf(found.value) };
}
