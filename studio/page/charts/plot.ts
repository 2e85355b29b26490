import uPlot from "uplot";
import type { Lines } from "../data/lines.ts";
import { moveCursor, zoom } from "../state.ts";
import type { Palette } from "../theme.ts";

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
}

export interface PlotStyle {
  readonly logX: boolean;
  readonly logY: boolean;
  readonly smooth: boolean;
  readonly palette: Palette;
  readonly xLabel: (value: number) => string;
  readonly yLabel: (value: number) => string;
}

const [bandAlpha, faintAlpha] = ["22", "66"];
const [labelWidth, markSize] = [46, 4];

/** A line chart of uPlot's: extremes as a band, means faint, their average bold. */
export class Plot {
  #plot: uPlot | undefined;
  #key = "";
  #marks: Marks = { cursor: Number.NaN, markers: [] };
  #lines: Lines = { x: new Float64Array(0), lines: [] };
  readonly #element: HTMLElement;
  readonly #onHover: (x: number | undefined) => void;
  /** From a place on the axis to a step. */
  toStep: (x: number) => number = (x) => x;

  constructor(element: HTMLElement, onHover: (x: number | undefined) => void) {
    this.#element = element;
    this.#onHover = onHover;
  }

  draw(specs: readonly CurveSpec[], lines: Lines, marks: Marks, style: PlotStyle, width: number, height: number): void {
    this.#marks = marks;
    const fresh = lines !== this.#lines;
    this.#lines = lines;
    const { palette, logX, logY, smooth } = style;
    const key = JSON.stringify([specs, logX, logY, smooth, style.xLabel(1e6), palette.ink, lines.lines.length]);
    const plot = this.#plot;
    if (key !== this.#key || plot === undefined) {
      this.#key = key;
      plot?.destroy();
      this.#plot = new uPlot(this.#options(specs, style, width, height), this.#data(specs), this.#element);
      this.#bind(this.#plot);
      return;
    }
    if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
    if (fresh) plot.setData(this.#data(specs));
    else plot.redraw(false, false);
  }

  destroy(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  /** x, and for each curve: highest, lowest, mean, average. */
  #data(specs: readonly CurveSpec[]): uPlot.AlignedData {
    const gaps = (values: Float64Array): (number | null)[] =>
      Array.from(values, (value) => (Number.isNaN(value) ? null : value));
    const nothing = Array.from(this.#lines.x, () => null);
    const columns = specs.flatMap(({ run, id }) => {
      const line = this.#lines.lines.find((each) => each.run === run && each.id === id);
      if (line === undefined) return [nothing, nothing, nothing, nothing];
      return [line.max, line.min, line.mean, line.smooth].map(gaps);
    });
    return [Array.from(this.#lines.x), ...columns];
  }

  #options(specs: readonly CurveSpec[], style: PlotStyle, width: number, height: number): uPlot.Options {
    const { palette, logX, logY, smooth } = style;
    const colorOf = ({ color }: CurveSpec): string => palette.series[color % palette.series.length] ?? palette.ink;
    const axis = { stroke: palette.muted, font: palette.font, ticks: { show: false } };
    const grid = { stroke: palette.line, width: 1 };
    // Splits of logarithmic axes are null where there is no room for a label.
    const labels = (word: (value: number) => string) => (_: uPlot, splits: (number | null)[]) =>
      splits.map((value) => (value === null ? "" : word(value)));
    return {
      width,
      height,
      padding: [10, 10, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      scales: { x: { time: false, distr: logX ? 3 : 1 }, y: { distr: logY ? 3 : 1 } },
      axes: [
        { ...axis, grid: { show: false }, size: 24, gap: 4, space: 70, values: labels(style.xLabel) },
        { ...axis, grid, size: labelWidth, gap: 6, space: 36, values: labels(style.yLabel) },
      ],
      series: [{}, ...specs.flatMap((spec) => seriesOf(spec, colorOf(spec), smooth))],
      bands: specs.map((spec, place) => ({ series: [4 * place + 1, 4 * place + 2], fill: colorOf(spec) + bandAlpha })),
      hooks: {
        draw: [(plot) => this.#drawMarks(plot, palette)],
        setCursor: [({ cursor: { idx } }) => this.#onHover(typeof idx === "number" ? this.#lines.x[idx] : undefined)],
        setSelect: [
          (plot) => {
            const { left, width: wide } = plot.select;
            if (wide < 4) return;
            zoom.value = [plot.posToVal(left, "x"), plot.posToVal(left + wide, "x")];
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    };
  }

  /** A click moves the time cursor; two clicks show all of the axis again. */
  #bind(plot: uPlot): void {
    let down = 0;
    plot.over.addEventListener("pointerdown", ({ clientX }) => {
      down = clientX;
    });
    plot.over.addEventListener("pointerup", ({ clientX }) => {
      if (Math.abs(clientX - down) > 3) return;
      moveCursor(this.toStep(plot.posToVal(clientX - plot.over.getBoundingClientRect().left, "x")));
    });
    plot.over.addEventListener("dblclick", () => {
      zoom.value = undefined;
    });
  }

  #drawMarks(plot: uPlot, palette: Palette): void {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio || 1;
    const [top, bottom, size] = [bbox.top, bbox.top + bbox.height, markSize * ratio];
    const at = (x: number): number => Math.round(plot.valToPos(x, "x", true)) + 0.5;
    const inside = (x: number): boolean => x >= bbox.left - 1 && x <= bbox.left + bbox.width + 1;
    ctx.save();
    ctx.lineWidth = ratio;
    for (const { x, kind } of this.#marks.markers) {
      const place = at(x);
      if (!inside(place)) continue;
      ctx.strokeStyle = kind === "notFinite" ? palette.alarm : palette.faint;
      ctx.fillStyle = kind === "command" ? palette.accent : ctx.strokeStyle;
      ctx.setLineDash([2 * ratio, 3 * ratio]);
      line(ctx, place, top, place, bottom);
      ctx.setLineDash([]);
      ctx.beginPath();
      ctx.moveTo(place - size, top);
      ctx.lineTo(place + size, top);
      ctx.lineTo(place, top + 1.6 * size);
      ctx.fill();
    }
    // NaN and infinities have no height: a cross at the upper edge says where they were.
    ctx.strokeStyle = palette.alarm;
    ctx.lineWidth = 1.5 * ratio;
    for (const { nonFinite } of this.#lines.lines) {
      for (const x of nonFinite) {
        const [place, high] = [at(x), top + 9 * ratio];
        if (!inside(place)) continue;
        line(ctx, place - size, high - size, place + size, high + size);
        line(ctx, place - size, high + size, place + size, high - size);
      }
    }
    const place = at(this.#marks.cursor);
    if (inside(place)) {
      ctx.strokeStyle = palette.ink;
      ctx.lineWidth = ratio;
      line(ctx, place, top, place, bottom);
    }
    ctx.restore();
  }
}

/** The four series of a curve: the band's edges, which are not stroked, the means and their average. */
function seriesOf(spec: CurveSpec, color: string, smooth: boolean): uPlot.Series[] {
  const averaged = smooth && !spec.sparse;
  const edge: uPlot.Series = { stroke: "transparent", width: 0, points: { show: false }, spanGaps: true };
  const dash = spec.dashed ? { dash: [6, 4] } : {};
  const points = spec.sparse ? { show: true, size: 5, fill: color, stroke: color } : { show: false };
  return [
    edge,
    edge,
    averaged
      ? { stroke: color + faintAlpha, width: 1, spanGaps: true, points: { show: false } }
      : { stroke: color, width: 2, spanGaps: true, points, ...dash },
    averaged ? { stroke: color, width: 2, spanGaps: true, points, ...dash } : edge,
  ];
}

function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
