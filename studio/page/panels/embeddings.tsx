import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Picture } from "../data/examples.ts";
import { newWorker } from "../files.ts";
import { count, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { Figure } from "../parts/figure.tsx";
import { Choice, Missing } from "../parts/small.tsx";
import { useTask } from "../parts/task.ts";
import { client, runId, say, steerable, step } from "../state.ts";
import { palette } from "../theme.ts";
import {
  type FromProjection,
  mostPoints,
  type Projection,
  projections,
  type ToProjection,
} from "../worker/projectionProtocol.ts";
import { className } from "./probeSet.tsx";

const height = 280;
const examplesAsked = 500;
/** Series of a chart are told apart by colour; more classes take other marks as well. */
const colors = 8;

/** Where the model's last features put the examples, laid into the plane. */
export function Embeddings() {
  const place = useRef<HTMLDivElement>(null);
  const method = useSignal<Projection>("PCA");
  const asked = useSignal<readonly Picture[]>([]);
  const told = useSignal<FromProjection | undefined>(undefined);
  const worker = useMemo(() => newWorker("projection.js"), []);
  useEffect(() => {
    worker.onmessage = ({ data }: MessageEvent<FromProjection>) => {
      told.value = data;
    };
    return () => worker.terminate();
  }, [worker]);
  const slices = useAsk(place, "slices", () =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value, role: "embedding" as const },
  );
  const shown = slices.value?.[0] ?? asked.value[0];
  const labels = shown?.head.labels ?? [];
  const last = useRef({ key: "", id: 0 });
  useTask(place, () => {
    const embedding = slices.value?.[0] ?? asked.value[0];
    if (embedding === undefined) return;
    const key = `${method.value} ${runId.value} ${embedding.step} ${embedding.head.key}`;
    if (key === last.current.key) return;
    last.current = { key, id: last.current.id + 1 };
    const [all = 0, columns = 1] = embedding.head.shape;
    const rows = Math.min(all, mostPoints[method.value]);
    const values = embedding.values.slice(0, rows * columns);
    const question: ToProjection = { id: last.current.id, method: method.value, rows: { values, rows, columns } };
    worker.postMessage(question);
  });
  const draw: Draw = (context, { width, height: high }) => {
    const positions = told.value?.positions;
    if (positions === undefined) return;
    drawPoints(context, positions, labels, width, high, palette.value);
  };
  const request = async (): Promise<void> => {
    const run = runId.value;
    if (run === undefined) return;
    const question = { type: "embeddings", split: "validation", count: examplesAsked, projection: "none" } as const;
    try {
      asked.value = await client.ask("request", { run, role: "embedding", request: question });
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), true);
    }
  };
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const progress = told.value?.progress ?? 0;
  const name =
    shown === undefined
      ? "Embeddings: none yet"
      : `Embeddings: ${count(labels.length)} examples of ${classes.length} classes by ${method.value}, at step ${count(shown.step)}`;
  return (
    <Figure
      title="Embeddings"
      name={name}
      class="embeddings"
      tools={
        <>
          {shown !== undefined && progress < 1 && <span class="muted">{percent(progress)}</span>}
          <Choice label="projection" options={projections} value={method} />
          {steerable.value && (
            <button type="button" onClick={request} data-do="embed">
              Take now
            </button>
          )}
        </>
      }
    >
      <div ref={place} data-step={shown?.step} data-points={(told.value?.positions.length ?? 0) / 2}>
        {shown === undefined ? (
          <Missing
            what="Examples, placed by what the model makes of them"
            fill="A run that is training can be asked for the features of its last layer but one."
          />
        ) : (
          <>
            <Canvas draw={draw} height={height} />
            <ul class="legend">
              {classes.slice(0, 20).map((each) => (
                <li key={each}>
                  <Mark label={each} /> {className(each)}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Figure>
  );
}

/** The mark of a class: its colour, and a ring beyond the eighth. */
const Mark = ({ label }: { readonly label: number }) => (
  <svg viewBox="0 0 10 10" class={`mark series-${label % colors} ${label >= colors ? "ring" : ""}`} aria-hidden="true">
    <circle cx="5" cy="5" r="3.5" />
  </svg>
);

function drawPoints(
  context: CanvasRenderingContext2D,
  positions: Float32Array,
  labels: readonly number[],
  width: number,
  height: number,
  { series, ink }: { readonly series: readonly string[]; readonly ink: string },
): void {
  let [left, right, bottom, top] = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  for (let at = 0; at < positions.length; at += 2) {
    [left, right] = [Math.min(left, positions[at]!), Math.max(right, positions[at]!)];
    [bottom, top] = [Math.min(bottom, positions[at + 1]!), Math.max(top, positions[at + 1]!)];
  }
  const margin = 8;
  const scale = Math.min((width - 2 * margin) / (right - left || 1), (height - 2 * margin) / (top - bottom || 1));
  const radius = positions.length > 4000 ? 1.6 : 3;
  context.lineWidth = 1.4;
  for (let at = 0; at < positions.length / 2; at++) {
    const label = labels[at] ?? 0;
    const x = width / 2 + (positions[2 * at]! - (left + right) / 2) * scale;
    const y = height / 2 - (positions[2 * at + 1]! - (bottom + top) / 2) * scale;
    const color = series[label % colors] ?? ink;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.globalAlpha = 0.85;
    if (label >= colors) {
      context.strokeStyle = color;
      context.stroke();
    } else {
      context.fillStyle = color;
      context.fill();
    }
  }
  context.globalAlpha = 1;
}
