import { computed, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Axis, Line } from "../data/lines.ts";
import { firstFrom } from "../data/search.ts";
import { count, duration, number, percent, short, words } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { Figure, mostTableRows, type TableData } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { axis, client, digest, digests, logX, logY, moveCursor, runId, smoothing, step, zoom } from "../state.ts";
import { palette } from "../theme.ts";
import { nameOf } from "./curveName.ts";
import { axisOf, type CurveSpec, drawPlot } from "./plot.ts";

interface CurvesProps {
  readonly title: string;
  /** In the place of the title: what chooses the curves. */
  readonly choice?: ComponentChildren;
  /** Reads signals. */
  readonly curves: () => readonly CurveSpec[];
  /** What would be drawn, and what would fill it. */
  readonly missing: readonly [what: string, fill: string];
  readonly tools?: ComponentChildren;
  readonly class?: string;
  /** Shares: 0.98 as 98 %. */
  readonly share?: boolean;
}

const clickPixels = 3;
const pointsPerPixel = 0.75;
const [fewestColumns, mostColumns] = [50, 1200];

const axisWords: { readonly [A in Axis]: (value: number) => string } = {
  step: (value) => short(value),
  time: (value) => duration(value),
  epoch: (value) => number(value),
  examples: (value) => short(value),
};

/** Curves on one axis, with the time cursor, the marks of commands, and the values at the cursor. */
export function Curves({ title, choice, curves, missing, tools, class: style = "", share = false }: CurvesProps) {
  const place = useRef<HTMLDivElement>(null);
  const columns = useMemo(() => signal(0), []);
  const selecting = useMemo(() => signal<number | undefined>(undefined), []);
  const hover = useMemo(() => signal<number | undefined>(undefined), []);
  // The specifications are new objects at each reading; what they say seldom changes.
  const specs = useMemo(() => {
    const text = computed(() => JSON.stringify(curves()));
    return computed(() => JSON.parse(text.value) as CurveSpec[]); // written one line above
  }, []);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const width = (entry?.contentRect.width ?? 0) * pointsPerPixel;
      columns.value = Math.max(fewestColumns, Math.min(mostColumns, Math.round(width)));
    });
    if (place.current !== null) observer.observe(place.current);
    return () => observer.disconnect();
  }, [columns]);
  const lines = useAsk(place, "lines", () =>
    columns.value === 0
      ? undefined
      : {
          series: specs.value.map(({ run, id }) => ({ run, id })),
          axis: axis.value,
          logX: logX.value,
          range: zoom.value,
          columns: columns.value,
          smoothing: smoothing.value,
        },
  );
  const places = useAsk(place, "places", () => {
    const run = runId.value;
    if (run === undefined) return undefined;
    const markers = digest.value?.markers ?? [];
    return { run, axis: axis.value, steps: [step.value, ...markers.map((marker) => marker.step)] };
  });
  const cursorValues = useAsk(place, "valuesOf", () => ({ series: specs.value, step: step.value }));

  const marks = useMemo(
    () =>
      computed(() => {
        const [cursor = Number.NaN, ...rest] = places.value ?? [];
        const markers = digest.value?.markers ?? [];
        return { cursor, markers: rest.flatMap((x, at) => (markers[at] ? [{ x, kind: markers[at].kind }] : [])) };
      }),
    [],
  );
  const valueWords = (value: number | undefined): string =>
    share && value !== undefined ? percent(value, 1) : number(value);
  const draw: Draw = (context, size) => {
    if (lines.value === undefined || lines.value.lines.length === 0) return;
    const labels = {
      xLabel: axisWords[axis.value],
      yLabel: (value: number, digits: number) =>
        share ? percent(value, digits) : digits === 0 ? number(value) : number(value, 3 + digits),
      wholeX: axis.value === "step" || axis.value === "examples",
    };
    const style = {
      logX: logX.value,
      logY: logY.value,
      smooth: smoothing.value > 0,
      palette: palette.value,
      ...labels,
    };
    const now = { ...marks.value, hover: hover.value, selecting: selecting.value };
    drawPlot(context, size, specs.value, lines.value, now, style);
  };
  /** A click moves the time cursor, a drag chooses a part of the axis, two clicks show all of it again. */
  const axisAt = (x: number, width: number): number | undefined =>
    lines.value === undefined ? undefined : axisOf(lines.value, logX.value, width).toAxis(x);
  const pointer = useRef(0);
  const onMove = (event: PointerEvent): void => {
    const box = place.current!.getBoundingClientRect(); // it is in it
    hover.value = axisAt(event.clientX - box.left, box.width);
  };
  const onDown = (event: PointerEvent): void => {
    onMove(event);
    pointer.current = event.clientX;
    selecting.value = hover.value;
    place.current?.setPointerCapture(event.pointerId);
  };
  const onUp = ({ clientX }: PointerEvent): void => {
    const [from, to] = [selecting.value, hover.value];
    selecting.value = undefined;
    if (from === undefined || to === undefined) return;
    if (Math.abs(clientX - pointer.current) > clickPixels) zoom.value = from < to ? [from, to] : [to, from];
    else {
      const { stepsPerEpoch, batchSize } = digest.value?.description ?? {};
      moveCursor(fromAxis({ stepsPerEpoch, batchSize, seconds: places.value?.[0] })(to));
    }
  };
  const valueAt = (spec: CurveSpec, at: number): number | undefined => {
    if (hover.value === undefined) return cursorValues.value?.[at]?.value;
    const line = lines.value?.lines.find(({ run, id }) => run === spec.run && id === spec.id);
    const value = line?.mean[nearest(lines.value?.x, hover.value)];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  const name = useMemo(
    () => computed(() => nameOf(title, specs.value, lines.value?.lines ?? [], cursorValues.value ?? [], valueWords)),
    [],
  );
  const isEmpty = specs.value.length === 0;
  return (
    <Figure
      title={choice || title}
      name={name}
      table={isEmpty ? undefined : () => tableOf(specs.value)}
      tools={tools}
      class={`curves ${style}`}
    >
      <ul class="legend" aria-hidden="true">
        {specs.value.map((spec, at) => (
          <li key={`${spec.run} ${spec.id}`} class={`series-${spec.color % 8}`}>
            <svg class="swatch" viewBox="0 0 18 8" aria-hidden="true">
              <path d="M0 4h18" class={spec.dashed ? "dashed" : ""} />
            </svg>
            <span class="label">{spec.label}</span> <b>{valueWords(valueAt(spec, at))}</b>
          </li>
        ))}
      </ul>
      <div
        class="plot"
        ref={place}
        onPointerMove={onMove}
        onPointerDown={onDown}
        onPointerUp={onUp}
        onPointerLeave={() => {
          hover.value = undefined;
        }}
        onDblClick={() => {
          zoom.value = undefined;
        }}
        data-columns={lines.value?.x.length ?? 0}
        data-cursor={marks.value.cursor}
        data-points={lines.value?.lines.reduce((sum, { mean }) => sum + mean.filter(Number.isFinite).length, 0) ?? 0}
        data-markers={marks.value.markers.map(({ x, kind }) => `${kind}@${x}`).join(" ")}
        data-highest={lines.value === undefined ? undefined : highestOf(lines.value.lines)}
      >
        {isEmpty ? <Missing what={missing[0]} fill={missing[1]} /> : <Canvas draw={draw} class="chart" />}
      </div>
    </Figure>
  );
}

/** The place of the number next to `value`; the numbers rise. */
const nearest = (numbers: Float64Array | undefined, value: number): number =>
  numbers === undefined ? -1 : Math.min(numbers.length - 1, firstFrom(numbers, value));

/** The largest value of all: no spike is lost, however many steps a pixel stands for. */
const highestOf = (lines: readonly Line[]): number =>
  lines.reduce(
    (most, { max }) => max.reduce((own, value) => (value > own ? value : own), most),
    Number.NEGATIVE_INFINITY,
  );

/** The curves as a table of steps, whole and unsmoothed. */
async function tableOf(specs: readonly CurveSpec[]): Promise<TableData> {
  const [from, to] = zoom.value !== undefined && axis.value === "step" ? zoom.value : [0, 2 ** 32 - 1];
  const { steps, values } = await client.ask("rows", { series: specs, count: mostTableRows, from, to });
  return {
    columns: ["step", ...specs.map(({ label }) => label)],
    rows: steps.map((step, at) => [count(step), ...values.map((own) => String(own[at] ?? ""))]),
  };
}

/** From a place on the axis to a step; on an axis of time, as if all steps until the cursor had taken as long. */
function fromAxis({
  stepsPerEpoch = 0,
  batchSize = 0,
  seconds = 0,
}: {
  readonly stepsPerEpoch: number | undefined;
  readonly batchSize: number | undefined;
  readonly seconds: number | undefined;
}): (x: number) => number {
  if (axis.value === "epoch" && stepsPerEpoch > 0) return (x) => x * stepsPerEpoch;
  if (axis.value === "examples" && batchSize > 0) return (x) => x / batchSize;
  if (axis.value === "time" && seconds > 0) return (x) => (x / seconds) * step.value;
  return (x) => x;
}

/** Curves of a run by name: train and validation share a chart. */
export function curvesOf(run: string | undefined, names: readonly string[]): CurveSpec[] {
  const known = run === undefined ? undefined : digests.value.get(run);
  if (known === undefined) return [];
  const several = names.length > 1;
  return known.series
    .filter(({ name }) => names.includes(name))
    .map(({ id, name, split, every }, place) => ({
      run: known.id,
      id,
      label: split === "none" ? words(name) : several ? `${split} ${name}` : split,
      color: several ? place : split === "validation" ? 1 : 0,
      dashed: split === "validation",
      sparse: every === "evaluation",
    }));
}
