import type { Marker } from "../data/journal.ts";
import { count } from "../format.ts";
import { Missing, Panel } from "../parts/small.tsx";
import { command, digest, isLive, moveCursor } from "../state.ts";

const shown = 8;

/** Steps in a row of which the same is said are one line. */
function joined(markers: readonly Marker[]): readonly (Marker & { readonly last: number })[] {
  const lines: (Marker & { last: number })[] = [];
  for (const marker of markers) {
    const before = lines.at(-1);
    const same = before?.kind === "notFinite" && marker.kind === "notFinite" && before.label === marker.label;
    if (before !== undefined && same && marker.step <= before.last + 1) before.last = marker.step;
    else lines.push({ ...marker, last: marker.step });
  }
  return lines;
}

/** What was changed on the way, newest first; undo goes back to the checkpoint before it. */
export function Commands() {
  const kinds = new Set(["command", "note", "notFinite", "phase"]);
  const all = joined((digest.value?.markers ?? []).filter(({ kind }) => kinds.has(kind)))
    .slice(-shown)
    .reverse();
  return (
    <Panel title="Events" class="commands">
      {all.length === 0 ? (
        <Missing
          what="Nothing has happened yet"
          fill="Commands, notes and steps that were not finite are listed here, and marked on the charts. Each leads to its step."
        />
      ) : (
        <ul>
          {all.map(({ step, last, label, kind, command: id, undoable }) => (
            <li key={`${step} ${label} ${id ?? ""}`} class={`event event-${kind}`}>
              <button type="button" class="quiet link" onClick={() => moveCursor(step)}>
                step {count(step)}
              </button>
              <span>
                {label}
                {last > step && `, and in steps until ${count(last)}`}
              </span>
              {undoable && id !== undefined && isLive.value && (
                <button type="button" data-do="undo" onClick={() => command({ type: "undo", command: id })}>
                  Undo
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
