import type { MemoryOwner } from "chainrule/record";
import { useRef } from "preact/hooks";
import { drawCursor } from "../charts/heat.ts";
import { bytes, count } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { moveCursor, runId, step, withoutModel } from "../state.ts";
import { palette } from "../theme.ts";

const height = 190;
/** Places of the owners in the palette. */
export const ownerColors: { readonly [O in MemoryOwner]: number } = {
  weights: 0,
  optimizer: 6,
  gradients: 4,
  activations: 1,
  data: 3,
  other: 7,
};

/** What lies in the device's memory over the run, by who needs it, and the largest tensors at the peak. */
export function MemoryOwners() {
  const place = useRef<HTMLDivElement>(null);
  const found = useAsk(place, "memory", () =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value },
  );
  const now = found.value;
  const owners = now?.owners ?? [];
  const name =
    now === undefined
      ? "Memory: not recorded yet"
      : `Memory at step ${count(now.step)}: ${bytes(now.report.bytes)}, peak ${bytes(now.report.peakBytes)}; ${owners
          .map((owner) => `${owner} ${bytes(now.report.owners[owner] ?? 0)}`)
          .join(", ")}`;
  const [first, last] = [now?.steps[0] ?? 0, now?.steps.at(-1) ?? 0];
  const draw: Draw = (context, { width, height: high }) => {
    if (now === undefined) return;
    const sums = now.steps.map((_, at) => now.history.reduce((sum, values) => sum + (values[at] ?? 0), 0));
    const most = Math.max(1, ...sums) * 1.14;
    const x = (at: number): number => (last > first ? ((now.steps[at]! - first) / (last - first)) * width : width);
    const below = new Float64Array(now.steps.length);
    for (const [place, owner] of owners.entries()) {
      context.fillStyle = palette.value.series[ownerColors[owner]] ?? palette.value.faint;
      context.globalAlpha = 0.85;
      context.beginPath();
      for (let at = 0; at < now.steps.length; at++) context.lineTo(x(at), high - (below[at]! / most) * high);
      for (let at = now.steps.length - 1; at >= 0; at--) {
        below[at]! += now.history[place]?.[at] ?? 0;
        context.lineTo(x(at), high - (below[at]! / most) * high);
      }
      context.fill();
    }
    context.globalAlpha = 1;
    drawCursor(context, last > first ? ((step.value - first) / (last - first)) * width : width, high, palette.value);
    context.fillStyle = palette.value.muted;
    context.font = palette.value.font;
    context.fillText(bytes(most), 4, 12);
  };
  const table = () => ({
    columns: ["step", ...owners],
    rows: (now?.steps ?? [])
      .map((at, place) => [count(at), ...(now?.history.map((values) => bytes(values[place] ?? 0)) ?? [])])
      .slice(-50),
  });
  return (
    <Figure
      title="Memory by owner"
      name={name}
      table={now === undefined ? undefined : table}
      class="memory"
      tools={
        now !== undefined && (
          <span class="muted">
            {bytes(now.report.bytes)}, peak {bytes(now.report.peakBytes)}
          </span>
        )
      }
    >
      <div ref={place} data-step={now?.step}>
        {now === undefined ? (
          <Missing
            what="What lies in memory, and whose it is"
            fill="The device's allocator tells it while a run is recorded."
          />
        ) : (
          <>
            <Canvas
              draw={draw}
              height={height}
              onPointer={(x, _, { width }) => moveCursor(first + (x / width) * (last - first))}
            />
            <ul class="legend">
              {owners.map((owner) => (
                <li key={owner}>
                  <span class={`chip fill-${ownerColors[owner]}`} />
                  {owner} <b>{bytes(now.report.owners[owner] ?? 0)}</b>
                </li>
              ))}
            </ul>
            {now.report.peak !== undefined && now.report.peak.length > 0 && (
              <>
                <h3>Largest at the peak</h3>
                <ul class="peak">
                  {now.report.peak.slice(0, 6).map((tensor) => (
                    <li key={`${tensor.name} ${tensor.layer}`}>
                      <code>{tensor.name}</code> <span class="muted">{withoutModel(tensor.layer)}</span>{" "}
                      <b>{bytes(tensor.bytes)}</b>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </div>
    </Figure>
  );
}
