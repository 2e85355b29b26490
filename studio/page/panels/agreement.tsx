import { useRef } from "preact/hooks";
import { linearScale } from "../charts/scales.ts";
import { count, number } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { runId, step } from "../state.ts";
import { palette } from "../theme.ts";

const [height, radius] = [300, 3.5];
const frame = { left: 48, right: 12, top: 10, bottom: 38 };

/** What a model that says numbers says of the probe set, against what is true: all of it lies on the diagonal when it is right. */
export function Agreement() {
  const place = useRef<HTMLDivElement>(null);
  const probe = useAsk(place, "probe", () =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value },
  );
  const points = (probe.value?.examples ?? []).flatMap(({ key, truth, saying }) =>
    saying?.kind === "number" ? [{ key, truth, said: saying.said }] : [],
  );
  const error = points.reduce((sum, { truth, said }) => sum + Math.abs(said - truth), 0) / points.length;
  const at = count(probe.value?.step ?? 0);
  const name =
    points.length === 0
      ? "Said against true: nothing yet"
      : `Said against true at step ${at}: ${points.length} examples of the probe set, mean error ${number(error)}`;
  const table = () => ({
    columns: ["example", "true", "said", "error"],
    rows: points.map(({ key, truth, said }) => [key, number(truth), number(said), number(said - truth)]),
  });
  const draw: Draw = (context, { width, height: high }) => {
    const all = points.flatMap(({ truth, said }) => [truth, said]).filter(Number.isFinite);
    const [low, most] = [Math.min(...all), Math.max(...all)];
    const spare = 0.05 * (most - low || 1);
    const scale = linearScale(low - spare, most + spare);
    const [wide, tall] = [width - frame.left - frame.right, high - frame.top - frame.bottom];
    const x = (value: number): number => frame.left + scale.toShare(value) * wide;
    const y = (value: number): number => frame.top + (1 - scale.toShare(value)) * tall;
    const { line, muted, faint, series, font } = palette.value;
    context.font = font;
    context.lineWidth = 1;
    const segment = (x0: number, y0: number, x1: number, y1: number, color: string): void => {
      context.strokeStyle = color;
      context.beginPath();
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
      context.stroke();
    };
    context.fillStyle = muted;
    for (const tick of scale.ticks(6)) {
      segment(frame.left, y(tick), frame.left + wide, y(tick), line);
      context.textAlign = "right";
      context.fillText(number(tick), frame.left - 6, y(tick) + 4);
      context.textAlign = "center";
      context.fillText(number(tick), x(tick), frame.top + tall + 15);
    }
    context.fillText("true", frame.left + wide / 2, high - 6);
    context.textAlign = "left";
    context.fillText("said", 2, frame.top + 4);
    context.setLineDash([4, 4]);
    segment(x(scale.low), y(scale.low), x(scale.high), y(scale.high), faint);
    context.setLineDash([]);
    for (const { truth, said } of points) {
      segment(x(truth), y(truth), x(truth), y(said), series[1] ?? faint);
      context.fillStyle = series[0] ?? muted;
      context.beginPath();
      context.arc(x(truth), y(said), radius, 0, 2 * Math.PI);
      context.fill();
    }
  };
  return (
    <Figure
      title="Said against true"
      name={name}
      table={points.length === 0 ? undefined : table}
      class="agreement"
      tools={points.length > 0 && <span class="muted">mean error {number(error)}</span>}
    >
      <div ref={place} data-step={probe.value?.step} data-points={points.length}>
        {points.length === 0 ? (
          <Missing
            what="What the model says of the probe set, against what is true"
            fill="It is recorded at each evaluation."
          />
        ) : (
          <>
            <Canvas draw={draw} height={height} />
            <p class="muted">
              The probe set at step {at}. On the dashed line it is right; orange is the error of each example.
            </p>
          </>
        )}
      </div>
    </Figure>
  );
}
