import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Curves } from "../charts/curves.tsx";
import type { CurveSpec } from "../charts/plot.ts";
import type { Filter } from "../data/filter.ts";
import { isShare, words } from "../format.ts";
import { filterAsked } from "../frame/keyboard.ts";
import { OpenFiles } from "../frame/openFiles.tsx";
import { ChartTools } from "../panels/chartTools.tsx";
import { ConfigDifference } from "../panels/configDifference.tsx";
import { ColumnChoice, factsOf, RunTable } from "../panels/runTable.tsx";
import { later } from "../parts/later.tsx";
import { TitleChoice } from "../parts/small.tsx";
import { compared, digests, rows, runId, runName } from "../state.ts";
import type { RunRow } from "../worker/protocol.ts";

const ProbeComparison = later(async () => (await import("../panels/probeComparison.tsx")).ProbeComparison);

/** All runs, and those that are compared over each other. */
export function RunsScreen() {
  const text = useSignal("");
  const group = useSignal("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (filterAsked.value > 0) input.current?.focus();
  }, [filterAsked.value]);
  const filter = useFilter(text.value);
  const passing = typeof filter === "string" ? rows.value : rows.value.filter((row) => filter(factsOf(row)));
  return (
    <>
      <div class="chart-tools">
        <label class="filter">
          <span class="unseen">filter</span>
          <input
            ref={input}
            type="search"
            placeholder="/  filter: acc>0.9 & lr<0.01"
            value={text.value}
            spellcheck={false}
            aria-invalid={typeof filter === "string"}
            aria-describedby="filter-words"
            onInput={({ currentTarget }) => {
              text.value = currentTarget.value;
            }}
          />
        </label>
        <span id="filter-words" class="muted">
          {typeof filter === "string" ? filter : `${passing.length} of ${rows.value.length} runs`}
        </span>
        <label>
          group by{" "}
          <select
            value={group.value}
            onChange={({ currentTarget }) => {
              group.value = currentTarget.value;
            }}
          >
            <option value="">nothing</option>
            {configNames(rows.value).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <ColumnChoice runs={rows.value} />
        <span class="space" />
        <OpenFiles />
      </div>
      <RunTable runs={grouped(passing, group.value)} />
      <ChartTools />
      <div class="grid runs">
        <Overlay />
        <ConfigDifference />
        {compared.value.length > 1 && <ProbeComparison />}
      </div>
    </>
  );
}

/** The filter that a text means, or what is wrong with it; what reads filters is loaded with the first letter. */
function useFilter(text: string): Filter | string {
  const parse = useSignal<((text: string) => Filter | string) | undefined>(undefined);
  useEffect(() => {
    if (text === "" || parse.value !== undefined) return;
    void import("../data/filter.ts").then(({ parseFilter }) => {
      parse.value = parseFilter;
    });
  }, [text]);
  return parse.value?.(text) ?? (() => true);
}

const configNames = (all: readonly RunRow[]): string[] =>
  [...new Set(all.flatMap(({ run }) => Object.keys(run?.config ?? {})))].sort();

/** Runs whose configuration has the same value stand together. */
function grouped(all: readonly RunRow[], name: string): readonly RunRow[] {
  if (name === "") return all;
  const keyOf = ({ run }: RunRow): string => JSON.stringify(run?.config[name] ?? null);
  return [...all].sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
}

/** One figure of all compared runs. */
function Overlay() {
  const chosen = useSignal("");
  const known = compared.value.flatMap((id) => digests.value.get(id)?.series ?? []);
  const nameOf = (series: { readonly name: string; readonly split: string }): string =>
    series.split === "validation" ? `validation ${series.name}` : series.name;
  const names = [...new Set(known.map(nameOf))];
  const preferred = ["validation accuracy", "validation loss", "loss"].find((name) => names.includes(name));
  const name = names.includes(chosen.value) ? chosen.value : (preferred ?? names[0]);
  const curves = (): CurveSpec[] =>
    compared.value.flatMap((id, color) =>
      (digests.value.get(id)?.series ?? [])
        .filter((series) => nameOf(series) === name)
        .map((series) => ({
          run: id,
          id: series.id,
          label: runName(id),
          color,
          dashed: id !== runId.value && color % 2 === 1,
          sparse: series.every === "evaluation",
        })),
    );
  return (
    <Curves
      key={`${name}`}
      title={name === undefined ? "Compare" : words(name)}
      class="wide"
      share={isShare(name ?? "")}
      curves={curves}
      missing={["Runs over each other", "Tick runs in the table."]}
      choice={names.length > 0 && <TitleChoice label="figure" names={names} name={name} chosen={chosen} />}
    />
  );
}
