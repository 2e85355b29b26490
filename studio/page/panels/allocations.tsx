import { type MemoryOwner, memoryOwners } from "chainrule/record";
import { useRef } from "preact/hooks";
import { bytes, count, milliseconds } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { runId, step, withoutModel } from "../state.ts";
import { palette } from "../theme.ts";
import { ownerColors } from "./memoryOwners.tsx";

const [eventsHeight, rowHeight, mostRows] = [150, 9, 32];

/** What the allocator gave and got back until the report at the cursor, by owner; and when the largest results of a step are alive. */
export function Allocations() {
  const place = useRef<HTMLDivElement>(null);
  const memory = useAsk(place, "memory", () =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value },
  );
  const { log, results } = memory.value ?? {};
  const { events = [], names = [], owners = [] } = log?.value ?? {};
  const given = events.reduce((sum, [, , size]) => sum + Math.max(0, size), 0);
  const back = events.reduce((sum, [, , size]) => sum - Math.min(0, size), 0);
  const from = Math.max(1e-3, ...events.map(([ms]) => ms));
  const words = `${count(events.length)} times in ${milliseconds(from)}: ${bytes(given)} given, ${bytes(back)} given back`;
  const name = log === undefined ? "Allocations: none told yet" : `Allocations until step ${count(log.step)}: ${words}`;
  const table = () => ({
    columns: ["before", "what", "whose", "bytes"],
    rows: events.map(([ms, , size, at]) => [
      milliseconds(ms),
      withoutModel(names[at] ?? ""),
      memoryOwners[owners[at] ?? -1] ?? "other",
      size < 0 ? `−${bytes(-size)}` : bytes(size),
    ]),
  });
  const draw: Draw = (context, { width, height }) => {
    const { series, line, muted, font } = palette.value;
    const middle = height / 2;
    // Small pieces stand beside large ones: by logarithm.
    const most = Math.log2(1 + Math.max(1, ...events.map(([, , size]) => Math.abs(size))));
    context.strokeStyle = line;
    context.beginPath();
    context.moveTo(0, middle);
    context.lineTo(width, middle);
    context.stroke();
    for (const [ms, , size, at] of events) {
      const owner = memoryOwners[owners[at] ?? -1] ?? "other";
      const high = (Math.log2(1 + Math.abs(size)) / most) * (middle - 16);
      context.globalAlpha = 0.8;
      context.fillStyle = series[ownerColors[owner]] ?? muted;
      context.fillRect((1 - ms / from) * (width - 3), size > 0 ? middle - high : middle, 2, high);
    }
    context.globalAlpha = 1;
    context.font = font;
    context.fillStyle = muted;
    context.fillText(`given, up to ${bytes(2 ** most - 1)}`, 2, 11);
    context.fillText("given back", 2, height - 3);
  };
  const shown = (results?.value.list ?? []).slice(0, mostRows);
  const steps = results?.value.steps ?? 1;
  const drawResults: Draw = (context, { width }) => {
    const { series, muted, font, sunken } = palette.value;
    const largest = shown[0]?.bytes ?? 1;
    context.font = font;
    for (const [row, { from: begin, to, bytes: size }] of shown.entries()) {
      const [x, y] = [(begin / steps) * width, row * rowHeight];
      context.fillStyle = sunken;
      context.fillRect(0, y, width, rowHeight - 2);
      context.globalAlpha = 0.35 + 0.65 * (size / largest);
      context.fillStyle = series[ownerColors.activations] ?? muted;
      context.fillRect(x, y, Math.max(2, ((to - begin) / steps) * width), rowHeight - 2);
      context.globalAlpha = 1;
    }
  };
  const used = [...new Set(events.map(([, , , at]) => memoryOwners[owners[at] ?? -1] ?? "other"))];
  const givenTo = (owner: MemoryOwner): number =>
    events.reduce((sum, [, , size, at]) => sum + (memoryOwners[owners[at] ?? -1] === owner ? Math.max(0, size) : 0), 0);
  return (
    <Figure
      title="Allocations"
      name={name}
      table={events.length === 0 ? undefined : table}
      class="allocations"
      tools={log !== undefined && <span class="muted">until step {count(log.step)}</span>}
    >
      <div ref={place} data-events={events.length} data-results={shown.length}>
        {log === undefined && shown.length === 0 ? (
          <Missing
            what="What the allocator gives and gets back"
            fill="It is told with the reports on memory, at evaluations."
          />
        ) : (
          <>
            {events.length > 0 && (
              <>
                <Canvas draw={draw} height={eventsHeight} />
                <ul class="legend">
                  {used.map((owner) => (
                    <li key={owner}>
                      <span class={`chip fill-${ownerColors[owner]}`} />
                      {owner} <b>{bytes(givenTo(owner))}</b>
                    </li>
                  ))}
                </ul>
                <p class="muted">{words}. Heights are logarithmic; numbers beside the owners: what they were given.</p>
              </>
            )}
            {shown.length > 0 && (
              <>
                <h3>
                  When the largest results of a step are alive ({bytes(shown[0]?.bytes ?? 0)} to{" "}
                  {bytes(shown.at(-1)?.bytes ?? 0)})
                </h3>
                <div
                  role="img"
                  aria-label={shown
                    .slice(0, 6)
                    .map((each) => `${each.name} of ${each.layer}, ${bytes(each.bytes)}`)
                    .join("; ")}
                >
                  <Canvas draw={drawResults} height={rowHeight * shown.length} />
                </div>
                <p class="muted">From the first kernel of a step (left) to the last; largest on top.</p>
              </>
            )}
          </>
        )}
      </div>
    </Figure>
  );
}
