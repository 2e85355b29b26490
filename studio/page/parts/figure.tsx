import { effect, type ReadonlySignal, signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { announcement, cursor, lastStep, moveCursor, step } from "../state.ts";

export interface TableData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

interface FigureProps {
  readonly title: ComponentChildren;
  /** What it shows, in words made of its data. */
  readonly name: ReadonlySignal<string> | string;
  /** The same as a table of at most 50 rows; asked for when it is looked at. */
  readonly table?: (() => TableData | Promise<TableData>) | undefined;
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly class?: string;
  /** Whether the title is somebody's name, and written as it is. */
  readonly asIs?: boolean;
  /** Whether arrows move the time cursor; else they are the child's. */
  readonly time?: boolean;
}

export const mostTableRows = 50;
const speakMs = 500;
let speaking: ReturnType<typeof setTimeout> | undefined;
/** Ends what is being spoken. */
let silence = (): void => {};

/** Speaks once keys rest; what the worker tells of this step only later is spoken when it comes. */
function speak(name: () => string): void {
  clearTimeout(speaking);
  silence();
  speaking = setTimeout(() => {
    const at = step.value;
    silence = effect(() => {
      if (step.value === at) announcement.value = `step ${at}: ${name()}`;
    });
  }, speakMs);
}

/** The figure that has the focus or had it last: the key T turns it. */
export const focused = signal<(() => void) | undefined>(undefined);

/** A panel whose picture has a name, a keyboard and a table. */
export function Figure({
  title,
  name,
  table,
  tools,
  children,
  class: style = "",
  asIs = false,
  time = true,
}: FigureProps) {
  const id = useId();
  const shown = useSignal<TableData | undefined>(undefined);
  const nameNow = (): string => (typeof name === "string" ? name : name.value);
  const turn = async (): Promise<void> => {
    shown.value = shown.value === undefined ? await table?.() : undefined;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!time || event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const stride = event.shiftKey ? 1 : Math.max(1, Math.round(lastStep.value / 200));
    if (event.key === "ArrowLeft") moveCursor(step.value - stride);
    else if (event.key === "ArrowRight") moveCursor(step.value + stride);
    else if (event.key === "Home") moveCursor(0);
    else if (event.key === "End") cursor.value = "live";
    else return;
    event.preventDefault();
    speak(nameNow);
  };
  return (
    <section class={`panel ${style}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id} class={asIs ? "as-is" : ""}>
          {title}
        </h2>
        <div class="tools">
          {tools}
          {table !== undefined && (
            <button
              type="button"
              class="quiet table-switch"
              aria-pressed={shown.value !== undefined}
              onClick={turn}
              title="As a table (T)"
            >
              <TableIcon />
              <span class="unseen">as a table</span>
            </button>
          )}
        </div>
      </header>
      {shown.value !== undefined && <Table data={shown.value} />}
      {/* It stays under its table: what it watches of its own elements goes on when they are seen again. */}
      <div
        class="figure"
        role="figure"
        aria-label={typeof name === "string" ? name : name.value}
        tabIndex={0}
        hidden={shown.value !== undefined}
        onKeyDown={onKeyDown}
        onFocus={() => (focused.value = turn)}
        onBlur={() => silence()}
      >
        {children}
      </div>
    </section>
  );
}

const TableIcon = () => (
  <svg viewBox="0 0 16 16" class="icon" aria-hidden="true">
    <path d="M2 3.5h12M2 8h12M2 12.5h12M6 3.5v9" />
  </svg>
);

export function Table({ data: { columns, rows } }: { readonly data: TableData }) {
  return (
    <div class="table-scroll" tabIndex={0} role="group" aria-label="table">
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, mostTableRows).map((row, place) => (
            <tr key={place}>
              {row.map((cell, column) => (
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
