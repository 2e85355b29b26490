import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { type Facts, factOf } from "../data/facts.ts";
import { count, duration, figure, number, percent, short, words } from "../format.ts";
import { compared, nameOfRun, openRun, runId, screen, toggleCompared } from "../state.ts";
import type { RunRow } from "../worker/protocol.ts";

const rowHeight = 34;
const spareRows = 6;

/** What the filter and the columns know of a run. */
export function factsOf(row: RunRow): Facts {
  const { run } = row;
  const config = Object.entries(run?.config ?? {}).filter(
    (entry): entry is [string, string | number] => typeof entry[1] === "number" || typeof entry[1] === "string",
  );
  return {
    ...Object.fromEntries(config),
    ...row.figures,
    name: nameOfRun(row.id, run?.name),
    state: row.notFiniteAt === undefined ? row.state : `${row.state} NaN`,
    step: row.step,
    note: row.note ?? "",
    ...(run?.model === undefined ? {} : { parameters: run.model.parameters }),
  };
}

interface Column {
  readonly title: string;
  readonly value: (row: RunRow, facts: Facts) => number | string | undefined;
  readonly show?: (value: number, row: RunRow) => ComponentChildren;
}

const usual: readonly Column[] = [
  { title: "run", value: (_, facts) => facts["name"] },
  {
    title: "state",
    value: ({ state, notFiniteAt }) => (notFiniteAt === undefined ? state : `NaN @ ${count(notFiniteAt)}`),
  },
  { title: "step", value: ({ step }) => step, show: (value) => count(value) },
  { title: "val acc", value: (_, facts) => factOf(facts, "accuracy"), show: (value) => percent(value, 1) },
  { title: "val loss", value: (_, facts) => facts["validation/loss"], show: figure },
  { title: "loss", value: (_, facts) => facts["loss"], show: figure },
  { title: "lr", value: (_, facts) => factOf(facts, "lr"), show: (value) => number(value) },
  { title: "params", value: (_, facts) => facts["parameters"], show: short },
  {
    title: "time",
    value: ({ run, modified }) => (run === undefined ? undefined : (modified - run.created) / 1000),
    show: duration,
  },
  { title: "note", value: ({ note }) => note },
];

/** Columns that were chosen otherwise than usual: usual ones that are left out, settings that have a column. */
const changed = signal<ReadonlySet<string>>(new Set());

function shownColumns(): readonly Column[] {
  const names = new Set(usual.map(({ title }) => title));
  const settings = [...changed.value].filter((title) => !names.has(title));
  return [
    ...usual.filter(({ title }) => !changed.value.has(title)),
    ...settings.map((title): Column => ({ title, value: (_, facts) => facts[title] })),
  ];
}

/** Puts a column in or takes it out: the usual ones but the name, and all settings and figures. */
export function ColumnChoice({ runs }: { readonly runs: readonly RunRow[] }) {
  const known = new Set(usual.map(({ title }) => title));
  for (const row of runs) for (const name of Object.keys(factsOf(row))) known.add(name);
  for (const name of ["run", "name", "parameters"]) known.delete(name); // each row has its name; the others stand there already
  const shown = new Set(shownColumns().map(({ title }) => title));
  return (
    <select
      aria-label="columns"
      value=""
      onChange={({ currentTarget }) => {
        const now = new Set(changed.value);
        if (!now.delete(currentTarget.value)) now.add(currentTarget.value);
        changed.value = now;
        currentTarget.value = "";
      }}
    >
      <option value="">columns</option>
      {[...known].map((name) => (
        <option key={name} value={name}>
          {shown.has(name) ? "✓ " : "+ "}
          {words(name)}
        </option>
      ))}
    </select>
  );
}

interface Sort {
  readonly title: string;
  readonly down: boolean;
}

/** Rows of one height, of which only those that can be seen exist: thousands of runs are no matter. */
export function RunTable({ runs }: { readonly runs: readonly RunRow[] }) {
  const sort = useSignal<Sort | undefined>(undefined);
  const top = useSignal(0);
  const height = useSignal(9 * rowHeight);
  const box = useRef<HTMLDivElement>(null);
  const columns = shownColumns();
  const sorted = sortedBy(runs, columns, sort.value);
  const first = Math.max(0, Math.floor(top.value / rowHeight) - spareRows);
  const shown = sorted.slice(first, first + Math.ceil(height.value / rowHeight) + 2 * spareRows);
  const below = sorted.length - first - shown.length;
  return (
    <div
      class="run-table table-scroll"
      ref={box}
      tabIndex={0}
      role="group"
      aria-label="runs"
      onScroll={({ currentTarget }) => {
        top.value = currentTarget.scrollTop;
        height.value = currentTarget.clientHeight;
      }}
    >
      <table aria-rowcount={sorted.length + 1}>
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">compared</span>
            </th>
            {columns.map(({ title, show }, column) => (
              <th
                key={title}
                scope="col"
                class={show === undefined ? "" : "numeric"}
                aria-sort={ariaSort(sort.value, title)}
              >
                <button
                  type="button"
                  class="quiet"
                  onClick={() => {
                    sort.value = { title, down: sort.value?.title === title ? !sort.value.down : column > 1 };
                  }}
                >
                  {words(title)}
                  {sort.value?.title === title && (sort.value.down ? " ↓" : " ↑")}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr class="spare" style={{ height: `${first * rowHeight}px` }} />
          {shown.map((row) => (
            <Row key={row.id} row={row} columns={columns} />
          ))}
          <tr class="spare" style={{ height: `${Math.max(0, below) * rowHeight}px` }} />
        </tbody>
      </table>
    </div>
  );
}

function ariaSort(sort: Sort | undefined, title: string) {
  if (sort?.title !== title) return undefined;
  return sort.down ? ("descending" as const) : ("ascending" as const);
}

function sortedBy(runs: readonly RunRow[], columns: readonly Column[], sort: Sort | undefined) {
  const column = columns.find(({ title }) => title === sort?.title);
  if (sort === undefined || column === undefined) return runs;
  const keyed = runs.map((row) => ({ row, key: column.value(row, factsOf(row)) }));
  const sign = sort.down ? -1 : 1;
  // What has no value, or NaN, comes last in both orders.
  const isNothing = (key: number | string | undefined): boolean => key === undefined || Number.isNaN(key);
  keyed.sort((a, b) => {
    if (isNothing(a.key) || isNothing(b.key)) return Number(isNothing(a.key)) - Number(isNothing(b.key));
    return (
      sign *
      (typeof a.key === "number" && typeof b.key === "number"
        ? a.key - b.key
        : String(a.key).localeCompare(String(b.key)))
    );
  });
  return keyed.map(({ row }) => row);
}

function Row({ row, columns }: { readonly row: RunRow; readonly columns: readonly Column[] }) {
  const place = compared.value.indexOf(row.id);
  const facts = factsOf(row);
  const open = (): void => {
    openRun(row.id);
    screen.value = "live";
  };
  return (
    <tr class={row.id === runId.value ? "current" : ""} data-run={row.id}>
      <td class={`tick series-${Math.max(0, place) % 8}`}>
        <input
          type="checkbox"
          checked={place >= 0}
          aria-label={`compare ${facts["name"]}`}
          onChange={() => toggleCompared(row.id)}
        />
      </td>
      {columns.map(({ title, value, show }, at) => {
        const told = value(row, facts);
        if (at === 0)
          return (
            <th key={title} scope="row">
              <button type="button" class="quiet link" onClick={open}>
                {told}
              </button>
            </th>
          );
        if (title === "state")
          return (
            <td key={title}>
              <span class={`phase phase-${row.state}`}>
                <span
                  class={`dot ${row.steerable ? "dot-live" : ""} ${row.notFiniteAt === undefined ? "" : "dot-bad"}`}
                />
                {row.steerable && row.state === "training" ? "live" : told}
              </span>
            </td>
          );
        return (
          <td key={title} class={show === undefined ? "" : "numeric"}>
            {typeof told !== "number" ? told : show === undefined ? number(told) : show(told, row)}
          </td>
        );
      })}
    </tr>
  );
}
