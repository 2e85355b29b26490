import { computed, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Axis } from "../data/lines.ts";
import { count, duration, number, percent, short } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Figure, mostTableRows, type TableData } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { useTask } from "../parts/task.ts";
import { axis, client, digest, digests, logX, logY, runId, smoothing, step, zoom } from "../state.ts";
import { palette } from "../theme.ts";
import { nameOf } from "./curveName.ts";
import { type CurveSpec, Plot } from "./plot.ts";

interface CurvesProps {
  readonly title: string;
  /** Reads signals. */
  readonly curves: () => readonly CurveSpec[];
  /** What would be drawn, and what would fill it. */
  readonly missing: readonly [what: string, fill: string];
  readonly tools?: ComponentChildren;
  readonly class?: string;
  /** Shares: 0.98 as 98 %. */
  readonly share?: boolean;
}

const pointsPerPixel = 0.75;
const mostColumns = 1200;

const axisWords: { readonly [A in Axis]: (value: number) => string } = {
  step: (value) => short(value),
  time: (value) => duration(value),
  epoch: (value) => number(value),
  examples: (value) => short(value),
};

/** Curves on one axis, with the time cursor, the marks of commands, and the values at the cursor. */
export function Curves({ title, curves, missing, tools, class: style = "", share = false }: CurvesProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const size = useMemo(() => signal({ width: 0, height: 0 }), []);
  const hover = useMemo(() => signal<number | undefined>(undefined), []);
  // The specifications are new objects at each reading; what they say seldom changes.
  const specs = useMemo(() => {
    const text = computed(() => JSON.stringify(curves()));
    return computed(() => JSON.parse(text.value) as CurveSpec[]); // written one line above
  }, []);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      size.value = { width: Math.floor(width), height: Math.floor(height) };
    });
    if (place.current !== null) observer.observe(place.current);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [size]);

  const lines = useAsk(place, "lines", () => ({
    series: specs.value.map(({ run, id }) => ({ run, id })),
    axis: axis.value,
    logX: logX.value,
    range: zoom.value,
    columns: Math.max(50, Math.min(mostColumns, Math.round(size.value.width * pointsPerPixel))),
    smoothing: smoothing.value,
  }));
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
  useTask(place, () => {
    const { width, height } = size.value;
    const element = place.current;
    if (element === null || lines.value === undefined || width === 0 || lines.value.lines.length === 0) return;
    plot.current ??= new Plot(element, (x) => {
      hover.value = x;
    });
    const { stepsPerEpoch, batchSize } = digest.value?.description ?? {};
    plot.current.toStep = fromAxis({ stepsPerEpoch, batchSize, seconds: places.value?.[0] });
    const words = {
      xLabel: axisWords[axis.value],
      yLabel: (value: number) => (share ? percent(value) : number(value)),
    };
    const scales = { logX: logX.value, logY: logY.value, smooth: smoothing.value > 0 };
    plot.current.draw(
      specs.value,
      lines.value,
      marks.value,
      { ...scales, ...words, palette: palette.value },
      width,
      height,
    );
  });

  const valueAt = (spec: CurveSpec, at: number): number | undefined => {
    if (hover.value === undefined) return cursorValues.value?.[at]?.value;
    const line = lines.value?.lines.find(({ run, id }) => run === spec.run && id === spec.id);
    const value = line?.mean[lines.value?.x.indexOf(hover.value) ?? -1];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  const name = useMemo(
    () => computed(() => nameOf(title, specs.value, lines.value?.lines ?? [], cursorValues.value ?? [], valueWords)),
    [],
  );
  const isEmpty = specs.value.length === 0;
  return (
    <Figure
      title={title}
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
      <div class="plot" ref={place} data-columns={lines.value?.x.length ?? 0} data-cursor={marks.value.cursor}>
        {isEmpty && <Missing what={missing[0]} fill={missing[1]} />}
      </div>
    </Figure>
  );
}

/** The curves as a table of steps, whole and unsmoothed. */
async function tableOf(specs: readonly CurveSpec[]): Promise<TableData> {
  const [from, to] = zoom.value !== undefined && axis.value === "step" ? zoom.value : [0, 2 ** 32 - 1];
  const rows = await client.ask("rows", { series: specs, count: mostTableRows, from, to });
  const steps = [...new Set(rows.flatMap((points) => points.map((point) => point.step)))].sort((a, b) => a - b);
  const stride = Math.ceil(steps.length / mostTableRows);
  const kept = steps.filter((_, at) => (steps.length - 1 - at) % stride === 0);
  const valueAt = (points: (typeof rows)[number], at: number): string =>
    String(points.findLast((point) => point.step <= at)?.value ?? "");
  return {
    columns: ["step", ...specs.map(({ label }) => label)],
    rows: kept.map((at) => [count(at), ...rows.map((points) => valueAt(points, at))]),
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
      label: split === "none" ? name : several ? `${split} ${name}` : split,
      color: several ? place : split === "validation" ? 1 : 0,
      dashed: split === "validation",
      sparse: every === "evaluation",
    }));
}
