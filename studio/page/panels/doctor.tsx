import { useRef } from "preact/hooks";
import { count } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Missing, Panel } from "../parts/small.tsx";
import { digest, moveCursor, runId, step } from "../state.ts";

const marks = { notice: "i", warning: "!", alarm: "!!" } as const;
const order = { alarm: 0, warning: 1, notice: 2 } as const;
const shown = 12;

/** What the rules of the doctor found until the cursor, each with its evidence and a remedy. */
export function Doctor() {
  const place = useRef<HTMLDivElement>(null);
  const found = useAsk(place, "findings", () => (runId.value === undefined ? undefined : { run: runId.value }));
  const told = digest.value?.alerts ?? [];
  // A rule that speaks again about a layer says the newer thing.
  const latest = new Map(
    [...(found.value ?? []), ...told]
      .filter((alert) => alert.step <= step.value)
      .map((alert) => [`${alert.rule} ${alert.layer ?? ""}`, alert]),
  );
  const alerts = [...latest.values()].sort((a, b) => order[a.severity] - order[b.severity] || b.step - a.step);
  const tools = alerts.length > 0 && (
    <span class="muted">
      {alerts.length} {alerts.length === 1 ? "finding" : "findings"}
    </span>
  );
  return (
    <Panel title="Doctor" tools={tools} class="doctor">
      <div ref={place} data-findings={alerts.length}>
        {alerts.length === 0 ? (
          <Missing
            what="No findings"
            fill="The rules watch the first loss, updates against weights, dead units, gradients, overfitting, plateaus and waiting for data."
          />
        ) : (
          <ul class="alerts">
            {alerts.slice(0, shown).map(({ rule, layer, severity, title, evidence, remedy, step: at }) => (
              <li key={`${rule} ${layer}`} class={`alert alert-${severity}`}>
                <details>
                  <summary>
                    <span class="alert-mark" role="img" aria-label={severity}>
                      {marks[severity]}
                    </span>
                    <span class="alert-title">
                      {title}
                      {layer !== undefined && !title.includes(layer) && <code> {layer}</code>}
                    </span>
                  </summary>
                  <p>{evidence}</p>
                  <p class="remedy">{remedy}</p>
                </details>
                <button type="button" class="quiet link" onClick={() => moveCursor(at)}>
                  step {count(at)}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}
