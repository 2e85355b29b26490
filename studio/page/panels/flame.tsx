import { useSignal } from "@preact/signals";
import type { Span } from "chainrule/record";
import { useRef } from "preact/hooks";
import { count, milliseconds } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { isLive, runId, step } from "../state.ts";
import { type Palette, palette } from "../theme.ts";

const levels = ["step", "phase", "layer", "kernel"] as const;
const [rowHeight, gap, top] = [26, 2, 20];
const height = top + levels.length * (rowHeight + gap) + 2;

const phaseColors: Readonly<Record<string, number>> = {
  data: 3,
  forward: 0,
  backward: 4,
  update: 2,
  record: 5,
  evaluation: 6,
};

/** Steps, phases, layers and kernels in time: each row is inside of the one above. */
export function Flame() {
  const place = useRef<HTMLDivElement>(null);
  const range = useSignal<readonly [number, number] | undefined>(undefined);
  const search = useSignal("");
  const chosen = useSignal<Span | undefined>(undefined);
  const found = useAsk(place, "spans", () =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value },
  );
  const spans = found.value?.value.spans ?? [];
  const end = spans.reduce((last, { start, ms }) => Math.max(last, start + ms), 0);
  const [from, to] = range.value ?? [0, end];
  const slowest = found.value?.kernels[0];
  const name =
    spans.length === 0
      ? "Time line: nothing recorded yet"
      : `Time line at step ${count(found.value?.step ?? 0)}: ${milliseconds(end)}${
          slowest === undefined ? "" : `; slowest kernel ${slowest.name}, ${milliseconds(slowest.ms)}`
        }`;
  const draw: Draw = (context, { width }) =>
    drawSpans(context, {
      spans,
      from,
      to,
      width,
      search: search.value.toLowerCase(),
      chosen: chosen.value,
      colors: palette.value,
    });
  const spanAt = (x: number, y: number, width: number): Span | undefined => {
    const time = from + (x / width) * (to - from);
    const level = levels[Math.floor((y - top) / (rowHeight + gap))];
    return spans.find((span) => span.level === level && span.start <= time && time < span.start + span.ms);
  };
  const zoomBy = (factor: number): void => {
    const middle = chosen.value === undefined ? (from + to) / 2 : chosen.value.start + chosen.value.ms / 2;
    const half = Math.min(end, (to - from) * factor) / 2;
    const left = Math.max(0, Math.min(end - 2 * half, middle - half));
    range.value = factor > 1 && 2 * half >= end ? undefined : [left, left + 2 * half];
  };
  const table = () => ({
    columns: ["level", "name", "layer", "start", "time"],
    rows: spans.map(({ level, name: each, layer = "", start, ms }) => [
      level,
      each,
      layer,
      milliseconds(start),
      milliseconds(ms),
    ]),
  });
  return (
    <Figure
      title="Time line"
      name={name}
      table={spans.length === 0 ? undefined : table}
      class="flame"
      tools={
        spans.length > 0 && (
          <>
            <input
              type="search"
              placeholder="find a kernel"
              aria-label="find a kernel"
              value={search.value}
              onInput={({ currentTarget }) => {
                search.value = currentTarget.value;
              }}
            />
            <button type="button" aria-label="zoom in" onClick={() => zoomBy(0.5)}>
              +
            </button>
            <button type="button" aria-label="zoom out" onClick={() => zoomBy(2)}>
              −
            </button>
          </>
        )
      }
    >
      <div ref={place} data-step={found.value?.step} data-spans={spans.length}>
        {spans.length === 0 ? (
          <Missing
            what="Steps, phases, layers and kernels in time"
            fill={
              isLive.value
                ? "Record some steps: the button is above."
                : "While a run trains, it can be asked to time some steps; their kernels stay in its log."
            }
          />
        ) : (
          <>
            <Canvas
              draw={draw}
              height={height}
              onPointer={(x, y, { width }) => {
                const span = spanAt(x, y, width);
                // A second click on a span fills the width with it.
                if (span !== undefined && span === chosen.value) range.value = [span.start, span.start + span.ms];
                chosen.value = span;
              }}
            />
            <p class="muted span-words">
              {chosen.value === undefined
                ? `step ${count(found.value?.step ?? 0)}; the clock counts by ${milliseconds(found.value?.value.precisionMs ?? 0).replace(/\.0+ /, " ")}. Click a bar; click it again to zoom.`
                : spanWords(chosen.value)}
            </p>
          </>
        )}
      </div>
    </Figure>
  );
}

function spanWords({ name, level, layer, ms, count: launches, multiplyAdds, bytes }: Span): string {
  const rate =
    multiplyAdds !== undefined && multiplyAdds > 0 ? `, ${((2 * multiplyAdds) / ms / 1e6).toFixed(1)} GFLOP/s` : "";
  const moved = bytes === undefined ? "" : `, ${(bytes / ms / 1e6).toFixed(1)} GB/s`;
  const times = launches === undefined || launches === 1 ? "" : `, ${count(launches)} launches`;
  return `${level} ${name}${layer === undefined ? "" : ` of ${layer}`}: ${milliseconds(ms)}${times}${rate}${moved}`;
}

interface Drawn {
  readonly spans: readonly Span[];
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly search: string;
  readonly chosen: Span | undefined;
  readonly colors: Palette;
}

function drawSpans(context: CanvasRenderingContext2D, { spans, from, to, width, search, chosen, colors }: Drawn): void {
  const scale = width / (to - from || 1);
  const phases = spans.filter(({ level }) => level === "phase");
  drawTicks(context, from, to, width, colors);
  context.textBaseline = "middle";
  for (const span of spans) {
    const x = (span.start - from) * scale;
    const wide = span.ms * scale;
    if (x + wide < 0 || x > width || wide < 0.2) continue;
    const y = top + levels.indexOf(span.level) * (rowHeight + gap);
    const middle = span.start + span.ms / 2;
    const phase =
      span.level === "phase" ? span : phases.find(({ start, ms }) => start <= middle && middle < start + ms);
    const color =
      span.level === "step"
        ? colors.faint
        : (colors.series[phase === undefined ? 0 : (phaseColors[phase.name] ?? 7)] ?? colors.faint);
    const hit = search === "" || span.name.toLowerCase().includes(search);
    context.globalAlpha = !hit ? 0.15 : { step: 0.5, phase: 1, layer: 0.75, kernel: 0.5 }[span.level];
    context.fillStyle = color;
    context.fillRect(x, y, Math.max(0.7, wide - 1), rowHeight);
    context.globalAlpha = 1;
    if (span === chosen) {
      context.strokeStyle = colors.ink;
      context.lineWidth = 2;
      context.strokeRect(x + 1, y + 1, Math.max(1, wide - 3), rowHeight - 2);
    }
    if (wide < 26) continue;
    context.save();
    context.beginPath();
    context.rect(Math.max(0, x), y, wide - 4, rowHeight);
    context.clip();
    context.font = colors.font;
    // Bars of full colour need the panel's colour on them, faint ones the ink.
    context.fillStyle = span.level === "phase" && hit ? colors.panel : colors.ink;
    context.fillText(span.name, Math.max(0, x) + 5, y + rowHeight / 2 + 0.5);
    context.restore();
  }
}

function drawTicks(context: CanvasRenderingContext2D, from: number, to: number, width: number, colors: Palette): void {
  const rough = ((to - from) * 90) / width;
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const stride = power * ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10);
  context.font = colors.font;
  context.textBaseline = "alphabetic";
  for (let tick = Math.ceil(from / stride) * stride; tick <= to; tick += stride) {
    const x = ((tick - from) / (to - from)) * width;
    context.strokeStyle = colors.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x + 0.5, 0);
    context.lineTo(x + 0.5, height);
    context.stroke();
    context.fillStyle = colors.muted;
    context.fillText(milliseconds(tick).replace(/\.0+ /, " "), x + 4, 12);
  }
}
