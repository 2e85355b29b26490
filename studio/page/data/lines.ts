import type { Curve } from "./curve.ts";
import type { RunLog } from "./runLog.ts";
import { firstFrom } from "./search.ts";

export type Axis = "step" | "time" | "epoch" | "examples";

export interface LinesView {
  readonly series: readonly { readonly run: string; readonly id: number }[];
  readonly axis: Axis;
  readonly logX: boolean;
  /** What part of the axis is looked at; all of it without. */
  readonly range?: readonly [number, number] | undefined;
  /** As many columns as the picture has points. */
  readonly columns: number;
  /** Weight of what came before, from 0 to less than 1. */
  readonly smoothing: number;
}

/** One series over the columns of the view. NaN where a column has no finite value. */
export interface Line {
  readonly run: string;
  readonly id: number;
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** The debiased moving average of `mean`. */
  readonly smooth: Float64Array;
  /** Places on the axis where values were NaN or infinite, and how many there are in all. */
  readonly nonFinite: readonly number[];
  readonly nonFiniteCount: number;
}

export interface Lines {
  /** Middles of the columns, the same for all series: runs align. */
  readonly x: Float64Array;
  readonly lines: readonly Line[];
}

/** How a run's steps lie on an axis: both ways, and both rise. */
interface Scale {
  toAxis(step: number): number;
  toStep(x: number): number;
}

const mostMarks = 200;

/** The series over one grid of columns. All values of a column are in its minimum, maximum and mean. */
export function linesOf(runs: ReadonlyMap<string, RunLog>, view: LinesView): Lines {
  const found = view.series.flatMap(({ run, id }) => {
    const log = runs.get(run);
    const curve = log?.series.get(id);
    return log === undefined || curve === undefined || curve.length === 0
      ? []
      : [{ run, id, curve, scale: scaleOf(log, view.axis) }];
  });
  const [from, to] = view.range ?? extent(found, view.logX);
  const edges = edgesOf(from, to, view.columns, view.logX);
  const x = edges.subarray(1).map((right, column) => middle(edges[column]!, right, view.logX));
  const lines = found.map(({ run, id, curve, scale }) => ({
    run,
    id,
    ...lineOf(curve, scale, edges, x, view.smoothing),
  }));
  return { x, lines };
}

function lineOf(
  curve: Curve,
  scale: Scale,
  edges: Float64Array,
  x: Float64Array,
  smoothing: number,
): Omit<Line, "run" | "id"> {
  const make = () => new Float64Array(x.length).fill(Number.NaN);
  const [mean, min, max, smooth] = [make(), make(), make(), make()];
  const nonFinite: number[] = [];
  let [average, weight, nonFiniteCount] = [0, 0, 0];
  for (let column = 0; column < x.length; column++) {
    const [begin, end] = [scale.toStep(edges[column]!), scale.toStep(edges[column + 1]!)];
    // Columns are half open, and the last one is closed.
    const last = column === x.length - 1 ? Math.floor(end) + 1 : Math.ceil(end);
    const summary = curve.summary(Math.ceil(begin), last);
    if (summary.nonFinite > 0) {
      nonFiniteCount += summary.nonFinite;
      if (nonFinite.length < mostMarks) nonFinite.push(x[column]!);
    }
    if (Number.isNaN(summary.mean)) continue;
    mean[column] = summary.mean;
    min[column] = summary.min;
    max[column] = summary.max;
    // Debiased, as the first values have nothing before them (Kingma & Ba 2015).
    average = smoothing * average + (1 - smoothing) * summary.mean;
    weight = smoothing * weight + (1 - smoothing);
    smooth[column] = average / weight;
  }
  return { mean, min, max, smooth, nonFinite, nonFiniteCount };
}

function extent(found: readonly { curve: Curve; scale: Scale }[], logX: boolean): [number, number] {
  const firsts = found.map(({ curve, scale }) => scale.toAxis(curve.firstStep));
  const lasts = found.map(({ curve, scale }) => scale.toAxis(curve.lastStep));
  const [first, last] = [Math.min(...firsts), Math.max(...lasts)];
  if (!Number.isFinite(first)) return [0, 1];
  const from = logX ? Math.max(first, last * 1e-6, 1e-3) : first;
  return last > from ? [from, last] : [from, from + 1];
}

function edgesOf(from: number, to: number, columns: number, logX: boolean): Float64Array {
  const [low, high] = logX ? [Math.log(from), Math.log(to)] : [from, to];
  return Float64Array.from({ length: columns + 1 }, (_, edge) => {
    const at = low + ((high - low) * edge) / columns;
    return logX ? Math.exp(at) : at;
  });
}

const middle = (left: number, right: number, logX: boolean): number =>
  logX ? Math.sqrt(left * right) : (left + right) / 2;

/** How the run's steps lie on the axis. Time is in seconds since the first step. */
export function scaleOf(log: RunLog, axis: Axis): Scale {
  const { stepsPerEpoch = 0, batchSize = 0 } = log.description ?? {};
  if (axis === "time") {
    const { steps, times } = log.longest ?? { steps: new Uint32Array(0), times: new Float64Array(0) };
    const start = times[0] ?? 0;
    return {
      toAxis: (step) => ((times[Math.min(firstFrom(steps, step), times.length - 1)] ?? start) - start) / 1000,
      toStep: (x) => steps[firstFrom(times, start + 1000 * x)] ?? (steps.at(-1) ?? 0) + 1,
    };
  }
  const unit = axis === "epoch" ? stepsPerEpoch : axis === "examples" && batchSize > 0 ? 1 / batchSize : 1;
  if (unit <= 0 || unit === 1) return { toAxis: (step) => step, toStep: (x) => x };
  return { toAxis: (step) => step / unit, toStep: (x) => x * unit };
}
