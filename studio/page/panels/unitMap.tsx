import { useRef } from "preact/hooks";
import { count, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { runId, step } from "../state.ts";
import { palette, sequential } from "../theme.ts";

const [cell, mostNamed] = [14, 24];

/** The units of a layer, each as a square: how often it is not 0 for the probe set; the dead ones are crossed out, and named. */
export function UnitMap({ layer }: { readonly layer: string }) {
  const place = useRef<HTMLDivElement>(null);
  const found = useAsk(place, "slices", () =>
    runId.value === undefined
      ? undefined
      : { run: runId.value, step: step.value, role: "activity" as const, key: "units", layer },
  );
  const [picture] = found.value ?? [];
  const shares = picture?.values ?? [];
  const dead = [...shares.keys()].filter((unit) => shares[unit] === 0);
  const words =
    dead.length === 0
      ? "no unit is dead"
      : `${count(dead.length)} of ${count(shares.length)} units are dead: ${dead.slice(0, mostNamed).join(", ")}${dead.length > mostNamed ? ", …" : ""}`;
  const draw: Draw = (context, { width }) => {
    const across = Math.max(1, Math.floor(width / cell));
    for (const [unit, share] of shares.entries()) {
      const [x, y] = [(unit % across) * cell, Math.floor(unit / across) * cell];
      context.fillStyle = `rgb(${sequential(palette.value, share).map(Math.round).join()})`;
      context.fillRect(x, y, cell - 2, cell - 2);
      if (share > 0) continue;
      context.strokeStyle = palette.value.alarm;
      context.lineWidth = 1.5;
      context.strokeRect(x + 1, y + 1, cell - 4, cell - 4);
      context.beginPath();
      context.moveTo(x + 1, y + 1);
      context.lineTo(x + cell - 3, y + cell - 3);
      context.stroke();
    }
  };
  // Rows for the narrowest place there is; wider ones leave some of them empty.
  const rows = Math.ceil(shares.length / 20);
  return (
    <div ref={place} class="unit-map" data-units={shares.length} data-dead={dead.join(" ")}>
      {shares.length > 0 && (
        <>
          <h3>Units</h3>
          <div role="img" aria-label={`${words}; the busiest is active for ${percent(Math.max(...shares))}`}>
            <Canvas draw={draw} height={Math.min(160, Math.max(cell, rows * cell))} />
          </div>
          <p class="muted">{words}. A square a unit, the darker the more often it is not 0 for the probe set.</p>
        </>
      )}
    </div>
  );
}
