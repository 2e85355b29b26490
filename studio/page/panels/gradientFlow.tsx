import { useRef } from "preact/hooks";
import { ghostSteps, type HealthNow } from "../data/health.ts";
import { count, number } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { runId, step } from "../state.ts";
import { palette } from "../theme.ts";

/** Of names that are written up a slope, in radians. */
const slant = 0.6;

/** The sizes of the gradients from the first layer to the last, on a logarithmic scale; their ghosts lie some steps behind. */
export function GradientFlow() {
  const place = useRef<HTMLDivElement>(null);
  const health = useAsk(place, "health", () =>
    runId.value === undefined ? undefined : { run: runId.value, role: "gradient", step: step.value },
  );
  const all = layersOf(health.value ?? []);
  const [first, last] = [all[0], all.at(-1)];
  const ratio = first === undefined || last === undefined ? Number.NaN : first.rms / last.rms;
  const name =
    all.length === 0
      ? "Gradient flow: no gradients yet"
      : `Gradient flow: root mean square ${number(first?.rms)} in the first layer, ${number(last?.rms)} in the last`;
  const draw: Draw = (context, { width, height }) => {
    const { series, faint, muted, font, line } = palette.value;
    const logs = all
      .flatMap(({ norm, normBefore }) => [norm, normBefore ?? norm])
      .filter((each) => each > 0 && Number.isFinite(each))
      .map(Math.log10);
    const [low, high] = [Math.floor(Math.min(...logs) - 0.3), Math.ceil(Math.max(...logs) + 0.05)];
    const names = all.map(({ layer }) => layer.split("/").at(-1) ?? "");
    context.font = font;
    const widest = Math.max(...names.map((each) => context.measureText(each).width));
    const wide = (width - 34) / Math.max(1, all.length);
    const slanted = widest + 6 > wide;
    // Names that have no room beside each other: each so many of them.
    const every = slanted ? Math.ceil(14 / wide) : 1;
    const below = slanted ? Math.min(90, 16 + widest * Math.sin(slant)) : 22;
    const [left, bottom, top] = [34, height - below, 6];
    const y = (value: number): number => bottom - ((Math.log10(value) - low) / (high - low || 1)) * (bottom - top);
    context.textAlign = "right";
    for (let power = low; power <= high; power++) {
      context.strokeStyle = line;
      context.beginPath();
      context.moveTo(left, y(10 ** power));
      context.lineTo(width, y(10 ** power));
      context.stroke();
      context.fillStyle = muted;
      context.fillText(number(10 ** power), left - 5, y(10 ** power) + 4);
    }
    for (const [at, { norm, normBefore }] of all.entries()) {
      const x = left + at * wide;
      if (normBefore !== undefined && normBefore > 0) {
        context.strokeStyle = faint;
        context.setLineDash([3, 2]);
        context.strokeRect(x + 0.12 * wide, y(normBefore), 0.76 * wide, bottom - y(normBefore));
        context.setLineDash([]);
      }
      context.fillStyle = Number.isFinite(norm) ? series[0]! : palette.value.alarm;
      const top2 = Number.isFinite(norm) && norm > 0 ? y(norm) : top;
      context.fillRect(x + 0.2 * wide, top2, 0.6 * wide, bottom - top2);
      context.save();
      context.translate(x + wide / 2, bottom + 8);
      context.rotate(slanted ? -slant : 0);
      context.textAlign = slanted ? "right" : "center";
      context.fillStyle = muted;
      if (at % every === 0) context.fillText(names[at] ?? "", 0, 6);
      context.restore();
    }
  };
  const table = () => ({
    columns: ["layer", "gradient norm", `${ghostSteps} steps before`],
    rows: all.map(({ layer, norm, normBefore }) => [layer, number(norm), number(normBefore)]),
  });
  return (
    <Figure
      title="Gradient flow by depth"
      name={name}
      table={all.length === 0 ? undefined : table}
      class="wide"
      tools={
        all.length > 1 && (
          <span class={ratio < 1e-4 || ratio > 1e4 ? "warn" : "muted"}>first / last layer {number(ratio)}</span>
        )
      }
    >
      <div ref={place} data-step={count(step.value)}>
        {all.length === 0 ? (
          <Missing
            what="How large gradients are, layer by layer"
            fill="The recorder takes statistics every few steps."
          />
        ) : (
          <>
            <Canvas draw={draw} height={all.length > 8 ? 250 : 210} />
            <p class="muted">
              Norm of each layer's gradient, first to last. Bars: at the cursor. Dashed: {ghostSteps} steps before.
            </p>
          </>
        )}
      </div>
    </Figure>
  );
}

interface LayerGradient {
  readonly layer: string;
  readonly norm: number;
  readonly normBefore: number | undefined;
  readonly rms: number;
}

/** Kernel and bias of a layer together: the root of the sums of squares. */
function layersOf(health: HealthNow): readonly LayerGradient[] {
  const layers = new Map<string, { squares: number; before: number; count: number }>();
  for (const { tensor, norm, normBefore } of health) {
    const own = layers.get(tensor.layer) ?? { squares: 0, before: 0, count: 0 };
    own.squares += norm ** 2;
    own.before += (normBefore ?? Number.NaN) ** 2;
    own.count += tensor.shape.reduce((product, size) => product * size, 1);
    layers.set(tensor.layer, own);
  }
  return [...layers].map(([layer, { squares, before, count }]) => ({
    layer,
    norm: Math.sqrt(squares),
    normBefore: Number.isNaN(before) ? undefined : Math.sqrt(before),
    rms: Math.sqrt(squares / Math.max(1, count)),
  }));
}
