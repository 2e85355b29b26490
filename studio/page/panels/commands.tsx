import { count } from "../format.ts";
import { Missing, Panel } from "../parts/small.tsx";
import { command, digest, isLive, moveCursor } from "../state.ts";

const shown = 8;

/** What was changed on the way, newest first; undo goes back to the checkpoint before it. */
export function Commands() {
  const kinds = new Set(["command", "note", "notFinite", "phase"]);
  const all = (digest.value?.markers ?? [])
    .filter(({ kind }) => kinds.has(kind))
    .slice(-shown)
    .reverse();
  return (
    <Panel title="On the way" class="commands">
      {all.length === 0 ? (
        <Missing
          what="Nothing was changed"
          fill="Commands, notes and steps that were not finite are listed here, and marked on the charts."
        />
      ) : (
        <ul>
          {all.map(({ step, label, kind, command: id, undoable }) => (
            <li key={`${step} ${label} ${id ?? ""}`} class={`event event-${kind}`}>
              <button type="button" class="quiet link" onClick={() => moveCursor(step)}>
                step {count(step)}
              </button>
              <span>{label}</span>
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
