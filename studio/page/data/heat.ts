import { type Bar, barsOf, bucketRange, type ExponentHistogram } from "chainrule/record";
import type { RunLog } from "./runLog.ts";
import { type At, countAt, lastAt } from "./search.ts";

export interface HeatView {
  readonly run: string;
  /** `TensorDefinition.id`. */
  readonly tensor: number;
  readonly columns: number;
}

/**
 * Histograms over time as a picture: each column a time, each row a range of values. Rows are signed powers of two: the negative
 * ones below, towards zero in the middle.
 */
export interface Heat {
  /** Steps of the first and the last column. */
  readonly from: number;
  readonly to: number;
  readonly columns: number;
  readonly rows: number;
  /** Share of the column's numbers in a row, [columns, rows] from the lowest value up. */
  readonly shares: Float32Array;
  /** The lowest value of each row, and behind them the highest of all. */
  readonly edges: Float64Array;
  /** Columns in which numbers were not finite. */
  readonly nonFinite: Uint8Array;
}

const exponents = 256;

/** The tensor's histograms over the run so far; undefined where there are none. */
export function heatOf(log: RunLog, { tensor, columns }: HeatView): Heat | undefined {
  const all = log.tensors.get(tensor)?.histograms ?? [];
  if (all.length === 0) return undefined;
  const [from, to] = [all[0]!.step, Math.max(all[0]!.step + 1, log.step)];
  const used = Math.min(columns, Math.max(all.length, 1));
  const picked = Array.from({ length: used }, (_, column) => sumOfColumn(all, from, to, column, used));
  const range = exponentRange(picked.map(({ signed }) => signed));
  const half = range.high - range.low + 1;
  const rows = 2 * half + 1;
  const shares = new Float32Array(used * rows);
  const nonFinite = new Uint8Array(used);
  for (const [column, { signed, count, wrong }] of picked.entries()) {
    if (wrong > 0) nonFinite[column] = 1;
    if (count === 0) continue;
    for (let sign = 0; sign < 2; sign++) {
      for (let exponent = 0; exponent < exponents - 1; exponent++) {
        const amount = signed[sign * exponents + exponent]!;
        if (amount === 0) continue;
        // What is smaller than the smallest row belongs to the row of zero.
        const place = exponent < range.low ? -1 : exponent - range.low;
        const row = place < 0 ? half : sign === 0 ? half + 1 + place : half - 1 - place;
        shares[column * rows + row]! += amount / count;
      }
    }
  }
  return { from, to, columns: used, rows, shares, edges: edgesOf(range.low, half), nonFinite };
}

interface ColumnSum {
  /** [2 signs, 256 exponents]. */
  readonly signed: Float64Array;
  readonly count: number;
  readonly wrong: number;
}

/** All histograms of a column's steps, added; the last one before it where it has none. */
function sumOfColumn(
  all: readonly At<ExponentHistogram>[],
  from: number,
  to: number,
  column: number,
  columns: number,
): ColumnSum {
  const [left, right] = [from + ((to - from) * column) / columns, from + ((to - from) * (column + 1)) / columns];
  const begin = countAt(all, column === 0 ? left - 1 : left);
  const end = Math.max(begin + 1, countAt(all, right));
  const signed = new Float64Array(2 * exponents);
  let [count, wrong] = [0, 0];
  for (const { value } of all.slice(Math.min(begin, all.length - 1), end)) {
    value.buckets.forEach((bucket, index) => {
      const amount = value.counts[index]!;
      count += amount;
      const exponent = (bucket % 512) >>> 1;
      if (exponent === exponents - 1) wrong += amount;
      else signed[(bucket >= 512 ? exponents : 0) + exponent]! += amount;
    });
  }
  return { signed, count, wrong };
}

/** The exponents that matter: all large ones, and the small ones that a thousandth of the numbers has. */
function exponentRange(all: readonly Float64Array[]): { readonly low: number; readonly high: number } {
  const total = new Float64Array(exponents);
  let sum = 0;
  for (const signed of all) {
    for (let exponent = 1; exponent < exponents - 1; exponent++) {
      const amount = signed[exponent]! + signed[exponents + exponent]!;
      total[exponent]! += amount;
      sum += amount;
    }
  }
  let high = exponents - 2;
  while (high > 1 && total[high] === 0) high--;
  let [low, below] = [1, 0];
  while (low < high && below + total[low]! <= sum / 1000) below += total[low++]!;
  // No more than the eye can tell apart.
  return { low: Math.max(low, high - 23), high };
}

function edgesOf(low: number, half: number): Float64Array {
  const size = (place: number): number => bucketRange(2 * (low + place)).low;
  const edges = new Float64Array(2 * half + 2);
  for (let place = 0; place <= half; place++) {
    edges[half + 1 + place] = size(place);
    edges[half - place] = -size(place);
  }
  return edges;
}

export interface HistogramBars {
  readonly step: number;
  readonly bars: readonly Bar[];
  readonly nonFinite: number;
}

/** The tensor's histogram that was the last one at `step`, by powers of two and their halves. */
export function histogramAt(log: RunLog, tensor: number, step: number): HistogramBars | undefined {
  const found = lastAt(log.tensors.get(tensor)?.histograms ?? [], step);
  if (found === undefined) return undefined;
  return { step: found.step, ...barsOf(found.value) };
}
