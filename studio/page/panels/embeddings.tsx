import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Picture } from "../data/examples.ts";
import { isInside } from "../data/nearest.ts";
import { newWorker } from "../files.ts";
import { count, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw, type Size } from "../parts/canvas.tsx";
import { Figure } from "../parts/figure.tsx";
import { request } from "../parts/request.ts";
import { Choice, Missing } from "../parts/small.tsx";
import { useTask } from "../parts/task.ts";
import { hurry } from "../scheduler.ts";
import { cursor, runId, steerable, step } from "../state.ts";
import { palette } from "../theme.ts";
import {
  type FromProjection,
  mostPoints,
  type Projection,
  projections,
  type ToProjection,
} from "../worker/projectionProtocol.ts";
import type { Selection } from "./mistakes.tsx";
import { className } from "./probeSet.tsx";

const height = 280;
const examplesAsked = 500;
/** Series of a chart are told apart by colour; more classes take other marks as well. */
const colors = 8;

/** Where the model's last features put the examples, laid into the plane; those in a lasso, or of a class, are shown beside. */
export function Embeddings({ selection }: { readonly selection: Signal<Selection | undefined> }) {
  const place = useRef<HTMLDivElement>(null);
  const method = useSignal<Projection>("PCA");
  const asked = useSignal<readonly Picture[]>([]);
  const told = useSignal<FromProjection | undefined>(undefined);
  const lasso = useSignal<readonly number[]>([]);
  const worker = useMemo(() => newWorker("projection.js"), []);
  useEffect(() => {
    worker.onmessage = ({ data }: MessageEvent<FromProjection>) => {
      told.value = data;
    };
    return () => worker.terminate();
  }, [worker]);
  useEffect(() => {
    asked.value = [];
    selection.value = undefined;
  }, [runId.value]);
  const slices = useAsk(place, "slices", () =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value, role: "embedding" as const },
  );
  const isNow = cursor.value === "live";
  // What was asked is of now; elsewhere on the time line stands what was recorded.
  const embeddingNow = (): Picture | undefined =>
    isNow ? (asked.value[0] ?? slices.value?.[0]) : (slices.value?.[0] ?? asked.value[0]);
  const shown = embeddingNow();
  const labels = shown?.head.labels ?? [];
  const last = useRef({ key: "", id: 0 });
  useTask(place, () => {
    const embedding = embeddingNow();
    if (embedding === undefined) return;
    const key = `${method.value} ${runId.value} ${embedding.step} ${embedding.head.key} ${embedding.head.shape}`;
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
    const keys = new Set(selection.value?.examples.map(({ key }) => key));
    const isChosen = (at: number): boolean => keys.size === 0 || keys.has(keyAt(at));
    drawPoints(context, placed(positions, width, high), labels, isChosen, palette.value);
    drawLasso(context, lasso.value, palette.value.accent);
  };
  const keyAt = (at: number): string => `${shown?.head.key ?? ""}/${at}`;
  const select = (title: string, places: readonly number[]): void => {
    const examples = places.map((at) => ({ key: keyAt(at), truth: labels[at] ?? Number.NaN }));
    selection.value = examples.length === 0 ? undefined : { title: `${title} (${count(examples.length)})`, examples };
    hurry();
  };
  /** A line that is drawn around points chooses them; a click chooses none. */
  const startLasso = (x: number, y: number, size: Size, event: PointerEvent): void => {
    const canvas = event.currentTarget as HTMLCanvasElement; // it listens on its own
    const box = canvas.getBoundingClientRect();
    canvas.setPointerCapture(event.pointerId);
    lasso.value = [x, y];
    const move = ({ clientX, clientY }: PointerEvent): void => {
      lasso.value = [...lasso.value, clientX - box.left, clientY - box.top];
      hurry();
    };
    const end = (): void => {
      canvas.removeEventListener("pointermove", move);
      const corners = lasso.value;
      lasso.value = [];
      const points = placed(told.value?.positions ?? new Float32Array(0), size.width, size.height);
      const inside = Array.from({ length: points.length / 2 }, (_, at) => at).filter((at) =>
        isInside(corners, points[2 * at]!, points[2 * at + 1]!),
      );
      select("In the lasso", inside);
    };
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("pointerup", end, { once: true });
  };
  const take = async (): Promise<void> => {
    const question = { type: "embeddings", split: "validation", count: examplesAsked, projection: "none" } as const;
    asked.value = (await request("embedding", question)) ?? asked.value;
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
            <button type="button" onClick={take} data-do="embed">
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
            <Canvas draw={draw} height={height} onPointer={startLasso} class="lasso" />
            <ul class="legend">
              {classes.slice(0, 20).map((each) => (
                <li key={each}>
                  <button
                    type="button"
                    class="quiet"
                    title="Show these examples"
                    onClick={() =>
                      select(
                        `Class ${className(each)}`,
                        labels.flatMap((label, at) => (label === each ? at : [])),
                      )
                    }
                  >
                    <Mark label={each} /> {className(each)}
                  </button>
                </li>
              ))}
            </ul>
            <p class="muted">Draw around points, or choose a class, to see the examples.</p>
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

const margin = 8;

/** The points in pixels of a picture, as large as it has room for; what is right stays right. */
function placed(positions: Float32Array, width: number, height: number): Float32Array {
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
  const scale = Math.min((width - 2 * margin) / (right - left || 1), (height - 2 * margin) / (top - bottom || 1));
  return positions.map((value, at) =>
    at % 2 === 0 ? width / 2 + (value - (left + right) / 2) * scale : height / 2 - (value - (bottom + top) / 2) * scale,
  );
}

function drawPoints(
  context: CanvasRenderingContext2D,
  points: Float32Array,
  labels: readonly number[],
  isChosen: (at: number) => boolean,
  { series, ink }: { readonly series: readonly string[]; readonly ink: string },
): void {
  const radius = points.length > 4000 ? 1.6 : 3;
  context.lineWidth = 1.4;
  for (let at = 0; at < points.length / 2; at++) {
    const label = labels[at] ?? 0;
    const color = series[label % colors] ?? ink;
    context.beginPath();
    context.arc(points[2 * at]!, points[2 * at + 1]!, radius, 0, 2 * Math.PI);
    context.globalAlpha = isChosen(at) ? 0.85 : 0.18;
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

function drawLasso(context: CanvasRenderingContext2D, corners: readonly number[], color: string): void {
  if (corners.length < 4) return;
  context.beginPath();
  for (let at = 0; at < corners.length; at += 2) context.lineTo(corners[at]!, corners[at + 1]!);
  context.closePath();
  context.globalAlpha = 0.12;
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  context.stroke();
  context.setLineDash([]);
}
