import type { Line, Lines } from "../data/lines.ts";
import type { Palette } from "../theme.ts";
import { linearScale, logScale, type Scale } from "./scales.ts";

/** One curve of a chart. */
export interface CurveSpec {
  readonly run: string;
  readonly id: number;
  readonly label: string;
  /** Place in the palette. */
  readonly color: number;
  readonly dashed: boolean;
  /** Few values, each of its own weight: points, and no average. */
  readonly sparse: boolean;
}

/** What stands on a chart besides its curves, in units of the axis. */
export interface Marks {
  readonly cursor: number;
  readonly markers: readonly { readonly x: number; readonly kind: string }[];
  /** Where the pointer is, and where it began to select. */
  readonly hover: number | undefined;
  readonly selecting: number | undefined;
}

export interface PlotStyle {
  readonly logX: boolean;
  readonly logY: boolean;
  readonly smooth: boolean;
  readonly palette: Palette;
  /** Whether the axis has whole numbers only, such as steps. */
  readonly wholeX: boolean;
  readonly xLabel: (value: number) => string;
  /** With so many digits more than usual. */
  readonly yLabel: (value: number, digits: number) => string;
}

const mostDigits = 4;

/** What is written beside the ticks: as many digits as tell them apart. */
export function labelsOf(
  ticks: readonly number[],
  label: (value: number, digits: number) => string,
): readonly string[] {
  for (let digits = 0; ; digits++) {
    const labels = ticks.map((tick) => label(tick, digits));
    if (digits === mostDigits || new Set(labels).size === labels.length) return labels;
  }
}

/** Around the field: labels of values to the left, of the axis below. */
const frame = { left: 46, right: 10, top: 10, bottom: 22 };
/** Room between the labels of the axis. */
const labelGap = 22;
const [tickHeight, markSize, markerGap] = [32, 4, 30];
const alpha = { band: 0.16, faint: 0.42 };

/** How the axis lies in a picture of this width. */
export function axisOf({ x }: Lines, logX: boolean, width: number) {
  const [low, high] = [x[0] ?? 0, x[x.length - 1] ?? 1];
  const scale = logX && low > 0 ? logScale(low, high) : linearScale(low, high);
  const length = Math.max(1, width - frame.left - frame.right);
  return {
    scale,
    toPixel: (value: number): number => frame.left + scale.toShare(value) * length,
    toAxis: (pixel: number): number => scale.toValue(Math.max(0, Math.min(1, (pixel - frame.left) / length))),
  };
}

/** Draws curves: their extremes as a band, means faint, their average bold. */
export function drawPlot(
  context: CanvasRenderingContext2D,
  { width, height }: { readonly width: number; readonly height: number },
  specs: readonly CurveSpec[],
  lines: Lines,
  marks: Marks,
  style: PlotStyle,
): void {
  const { palette } = style;
  const axis = axisOf(lines, style.logX, width);
  const values = valueScale(lines.lines, style.logY);
  const [top, bottom] = [frame.top, height - frame.bottom];
  const y = (value: number): number => bottom - values.toShare(value) * (bottom - top);
  const place = { width, top, bottom };
  drawAxes(context, axis.toPixel, axis.scale, y, values, place, style);

  context.save();
  context.beginPath();
  context.rect(frame.left - 3, 0, width - frame.left - frame.right + 6, bottom + 3);
  context.clip();
  for (const spec of specs) {
    const line = lines.lines.find(({ run, id }) => run === spec.run && id === spec.id);
    if (line !== undefined) drawCurve(context, spec, line, Float64Array.from(lines.x, axis.toPixel), y, style);
  }
  drawMarks(context, axis.toPixel, lines.lines, marks, place, palette);
  context.restore();
}

/** The range of the finite values, a little wider. Logarithms leave out what is not positive. */
function valueScale(lines: readonly Line[], log: boolean): Scale {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { min, max } of lines) {
    for (const value of min) if (value < low && (!log || value > 0)) low = value;
    for (const value of max) if (value > high && (!log || value > 0)) high = value;
  }
  if (low > high) return linearScale(0, 1);
  if (log) return logScale(low / 1.1, high * 1.1);
  const spare = (high - low || Math.abs(high) || 1) * 0.05;
  // What is never negative is not shown to be.
  return linearScale(low >= 0 ? Math.max(0, low - spare) : low - spare, high + spare);
}

interface Place {
  readonly width: number;
  readonly top: number;
  readonly bottom: number;
}

function drawAxes(
  context: CanvasRenderingContext2D,
  x: (value: number) => number,
  axis: Scale,
  y: (value: number) => number,
  values: Scale,
  { width, top, bottom }: Place,
  { palette, wholeX, xLabel, yLabel }: PlotStyle,
): void {
  context.font = palette.font;
  context.fillStyle = palette.muted;
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  const ticks = values.ticks((bottom - top) / tickHeight);
  const labels = labelsOf(ticks, yLabel);
  for (const [place, tick] of ticks.entries()) {
    const at = Math.round(y(tick)) + 0.5;
    stroke(context, frame.left, at, width - frame.right, at);
    context.fillText(labels[place] ?? "", frame.left - 8, at);
  }
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  let free = 0;
  const widest = Math.max(...[axis.low, axis.high].map((end) => context.measureText(xLabel(Math.round(end))).width));
  for (const tick of axis.ticks((width - frame.left - frame.right) / (widest + labelGap))) {
    if (wholeX && !Number.isInteger(tick)) continue;
    const label = xLabel(tick);
    const half = context.measureText(label).width / 2;
    const at = Math.max(frame.left - 6 + half, Math.min(width - half, x(tick)));
    if (at - half < free) continue;
    free = at + half + 8;
    context.fillText(label, at, bottom + 16);
  }
  context.textAlign = "left";
}

function drawCurve(
  context: CanvasRenderingContext2D,
  spec: CurveSpec,
  { min, max, mean, smooth }: Line,
  x: Float64Array,
  y: (value: number) => number,
  { palette, smooth: smoothed, logY }: PlotStyle,
): void {
  const color = palette.series[spec.color % palette.series.length] ?? palette.ink;
  const known = [...x.keys()].filter((at) => !Number.isNaN(mean[at]!) && (!logY || min[at]! > 0));
  const trace = (of: Float64Array, places: readonly number[]): void => {
    for (const at of places) context.lineTo(x[at]!, y(of[at]!));
  };
  context.lineJoin = "round";
  context.strokeStyle = color;
  context.fillStyle = color;
  const averaged = smoothed && !spec.sparse;
  if (!spec.sparse) {
    context.globalAlpha = alpha.band;
    context.beginPath();
    trace(max, known);
    trace(min, known.toReversed());
    context.fill();
  }
  if (averaged) {
    context.globalAlpha = alpha.faint;
    context.lineWidth = 1;
    context.beginPath();
    trace(mean, known);
    context.stroke();
  }
  context.globalAlpha = 1;
  context.lineWidth = 2;
  context.setLineDash(spec.dashed ? [6, 4] : []);
  context.beginPath();
  trace(averaged ? smooth : mean, known);
  context.stroke();
  context.setLineDash([]);
  if (!spec.sparse && known.length > 1) return;
  for (const at of known) {
    context.beginPath();
    context.arc(x[at]!, y(mean[at]!), 2.7, 0, 2 * Math.PI);
    context.fill();
  }
}

function drawMarks(
  context: CanvasRenderingContext2D,
  x: (value: number) => number,
  lines: readonly Line[],
  { cursor, markers, hover, selecting }: Marks,
  { top, bottom }: Place,
  palette: Palette,
): void {
  context.lineWidth = 1;
  let [lastAt, lastKind] = [Number.NEGATIVE_INFINITY, ""];
  for (const marker of markers) {
    const at = Math.round(x(marker.x)) + 0.5;
    // Where there are many of a kind the first of them says it.
    if (marker.kind === lastKind && at - lastAt < markerGap) continue;
    [lastAt, lastKind] = [at, marker.kind];
    context.strokeStyle = marker.kind === "notFinite" ? palette.alarm : palette.faint;
    context.fillStyle = marker.kind === "command" ? palette.accent : context.strokeStyle;
    context.setLineDash([2, 3]);
    stroke(context, at, top, at, bottom);
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(at - markSize, top);
    context.lineTo(at + markSize, top);
    context.lineTo(at, top + 1.6 * markSize);
    context.fill();
  }
  // NaN and infinities have no height: a cross at the upper edge says where they were.
  context.strokeStyle = palette.alarm;
  context.lineWidth = 1.5;
  let lastCross = Number.NEGATIVE_INFINITY;
  for (const value of lines.flatMap(({ nonFinite }) => nonFinite)) {
    const [at, high] = [x(value), top + 9];
    if (Math.abs(at - lastCross) < 2 * markSize) continue;
    lastCross = at;
    stroke(context, at - markSize, high - markSize, at + markSize, high + markSize);
    stroke(context, at - markSize, high + markSize, at + markSize, high - markSize);
  }
  context.lineWidth = 1;
  if (hover !== undefined && selecting !== undefined) {
    context.globalAlpha = 0.15;
    context.fillStyle = palette.accent;
    context.fillRect(x(selecting), top, x(hover) - x(selecting), bottom - top);
    context.globalAlpha = 1;
  } else if (hover !== undefined) {
    context.strokeStyle = palette.faint;
    context.setLineDash([4, 3]);
    stroke(context, Math.round(x(hover)) + 0.5, top, Math.round(x(hover)) + 0.5, bottom);
    context.setLineDash([]);
  }
  context.strokeStyle = palette.ink;
  const at = Math.round(x(cursor)) + 0.5;
  stroke(context, at, top, at, bottom);
}

function stroke(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
