import { useSignal } from "@preact/signals";
import type { Json, RunDescription } from "chainrule/record";
import { count, words } from "../format.ts";
import { Missing, Panel } from "../parts/small.tsx";
import { compared, digests, runName } from "../state.ts";

/** What the compared runs have not in common. */
export function ConfigDifference() {
  const all = useSignal(false);
  const known = compared.value.flatMap((id) => {
    const description = digests.value.get(id)?.description;
    return description === undefined ? [] : [description];
  });
  const names = [...new Set(known.flatMap((each) => Object.keys(settingsOf(each))))];
  const lines = names.map((name) => ({ name, values: known.map((each) => settingsOf(each)[name] ?? "–") }));
  const differs = (values: readonly string[]): boolean => new Set(values).size > 1;
  const shown = all.value || known.length === 1 ? lines : lines.filter(({ values }) => differs(values));
  return (
    <Panel
      title={known.length === 1 ? "Configuration" : "What differs"}
      tools={
        known.length > 1 && (
          <button
            type="button"
            class="toggle"
            aria-pressed={all.value}
            onClick={() => {
              all.value = !all.value;
            }}
          >
            all
          </button>
        )
      }
    >
      {known.length === 0 ? (
        <Missing what="The settings of the compared runs" fill="Tick runs in the table." />
      ) : (
        <div class="table-scroll" tabIndex={0} role="group" aria-label="settings">
          <table class="settings">
            <thead>
              <tr>
                <td />
                {known.map(({ id }, at) => (
                  <th key={id} scope="col" class={`series-${at % 8}`}>
                    <span class={`chip fill-${at % 8}`} /> {runName(id)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map(({ name, values }) => (
                <tr key={name} class={known.length > 1 && differs(values) ? "differs" : ""}>
                  <th scope="row">{name}</th>
                  {values.map((value, at) => (
                    <td key={at}>{value}</td>
                  ))}
                </tr>
              ))}
              {shown.length === 0 && (
                <tr>
                  <td colSpan={known.length + 1}>nothing: their settings are equal</td>
                </tr>
              )}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

/** Numbers of a search have digits that nobody chose: six say which it was. */
const text = (value: Json): string =>
  typeof value === "string" ? value : JSON.stringify(typeof value === "number" ? Number(value.toPrecision(6)) : value);

const settingsOf = (run: RunDescription): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(run.config).map(([name, value]) => [words(name), text(value)])),
  optimizer: run.optimizer.name,
  loss: run.loss.join(", "),
  "batch size": String(run.batchSize),
  epochs: String(run.epochs),
  seed: String(run.seed),
  device: run.device.name,
  parameters: run.model === undefined ? "–" : count(run.model.parameters),
  examples: count(run.data.examples),
});
