import type { Callback, Logs, TrainingControl } from "./callbacks/callback.ts";

/** Where progress is written: a terminal, a file, a page. */
export interface Writer {
  write(text: string): void;
  /** True where a line can be drawn over. */
  readonly terminal: boolean;
  /** Width of the terminal in characters, where it is known. */
  readonly columns?: number | undefined;
}

/** The process's standard output, or the console where there is none. */
export function standardWriter(): Writer {
  const { process } = globalThis as {
    process?: { stdout?: { write(text: string): unknown; isTTY?: boolean; columns?: number } };
  };
  const stdout = process?.stdout;
  if (stdout === undefined) return { terminal: false, write: (text) => console.log(text.replace(/\n$/, "")) };
  return {
    terminal: stdout.isTTY === true,
    get columns() {
      return stdout.columns; // may change at any time
    },
    write: (text) => void stdout.write(text),
  };
}

/** Writes a line, over a live one where there is one. */
export const writeLine = (writer: Writer, line: string): void =>
  writer.write(`${writer.terminal ? "\r\u001b[2K" : ""}${line}\n`);

const redrawMs = 50;
const mostCells = 20;
/** The shapes that a live line may have, best first: cells of its bar, and whether examples/s are shown. */
const liveShapes = [
  { cells: mostCells, rate: true },
  { cells: 10, rate: true },
  { cells: 10, rate: false },
] as const;
const lineSeconds = 5;
/** Waiting for data is told when it takes more than this part of the time. */
const tellWaits = 0.05;

/** A bar of 20 cells as Keras draws it; `done` in 0 … 1. */
export const bar = (done: number, cells = mostCells): string => {
  const filled = Math.round(Math.min(1, done) * cells);
  return "━".repeat(filled) + "─".repeat(cells - filled);
};

/** `0.4365`; scientific below 1e-3; keys in alphabetical order, as Keras prints figures. */
export const printLogs = (logs: Logs): string =>
  Object.keys(logs)
    .sort((a, b) => Number(a.startsWith("val")) - Number(b.startsWith("val")) || (a < b ? -1 : 1))
    .map((name) => `${name}: ${printFigure(logs[name]!)}`)
    .join(" - ");

export const printFigure = (value: number): string => {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 1e-3 || value === 0 ? value.toFixed(4) : value.toExponential(4);
};

/** `1:05`, `12s`, `340ms`. */
export function printDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Milliseconds a step, with the digits that matter. */
const printStep = (ms: number): string =>
  ms >= 10 ? `${Math.round(ms)}ms` : ms >= 1 ? `${ms.toFixed(1)}ms` : `${Math.round(ms * 1000)}µs`;

/** The progress display's face towards the training loop: it may ask whether figures are worth reading now. */
export interface Progress extends Callback {
  /** True when enough time has passed for a redraw. */
  due(): boolean;
  /** Notes that a step is done, and draws it where steps are shown. */
  draw(step: number, logs: Logs, control: TrainingControl): void;
}

/**
 * Live progress: a bar with steps, time left, ms/step, examples/s and running figures on a terminal; otherwise a plain line
 * every few seconds and at the end of each epoch. `mode` "epoch" prints the epoch lines only.
 */
export function progress(writer: Writer, mode: "steps" | "epoch" = "steps"): Progress {
  let began = 0;
  let drawn = 0;
  let seen = 0;
  const clock = (): number => performance.now();
  const speed = (done: number, control: TrainingControl, rate = true): string => {
    const perStep = (drawn - began) / Math.max(1, done); // training only: validation comes after the last drawing
    if (!rate) return `${printStep(perStep)}/step`;
    const perSecond = Math.round((control.batchSize * 1000) / Math.max(perStep, 1e-6));
    return `${printStep(perStep)}/step ${perSecond.toLocaleString("en-US")} examples/s`;
  };
  const waiting = ({ dataWait }: TrainingControl): string =>
    dataWait > tellWaits ? ` waiting ${Math.round(dataWait * 100)} % for data` : "";
  const counter = (done: number, { steps }: TrainingControl): string =>
    steps === undefined ? `${done}` : `${String(done).padStart(String(steps).length)}/${steps}`;
  return {
    onEpochBegin: (epoch, control) => {
      began = clock();
      drawn = began;
      seen = 0;
      writer.write(`Epoch ${epoch + 1}/${control.epochs}\n`);
    },
    due: () => mode === "steps" && clock() - drawn >= (writer.terminal ? redrawMs : lineSeconds * 1000),
    draw: (step, logs, control) => {
      const done = step + 1;
      drawn = clock();
      seen = done;
      // The epoch's own line follows at once, with all figures.
      if (mode === "epoch" || (!writer.terminal && done === control.steps)) return;
      const left =
        control.steps === undefined ? "" : ` ETA ${printDuration(((drawn - began) / done) * (control.steps - done))}`;
      const part = control.steps === undefined ? 0 : done / control.steps;
      const line = fitted(
        writer,
        liveShapes.map(
          ({ cells, rate }) =>
            `${counter(done, control)} ${bar(part, cells)}${left} ${speed(done, control, rate)}${waiting(control)} - ${printLogs(logs)}`,
        ),
      );
      writer.write(writer.terminal ? `\r\u001b[2K${line}` : `${line}\n`);
    },
    onEpochEnd: (_epoch, logs, control) => {
      const done = seen;
      const part = control.steps === undefined ? 1 : done / control.steps;
      const count = counter(done, control);
      const head = `${count} ${bar(part)} ${printDuration(clock() - began)} ${speed(done, control)}${waiting(control)}`;
      const figures = printLogs(logs);
      const whole = `${head} - ${figures}`;
      const line = whole.length <= roomOf(writer) ? whole : `${head}\n${" ".repeat(count.length + 1)}${figures}`;
      writeLine(writer, line);
    },
  };
}

/** Characters that a line may have. */
const roomOf = ({ terminal, columns }: Writer): number =>
  terminal && columns !== undefined && columns > 0 ? columns - 1 : Number.POSITIVE_INFINITY;

/** The first of `lines` that fits into the terminal, else a part of the last: a line that wraps cannot be drawn over. */
function fitted(writer: Writer, lines: readonly string[]): string {
  const room = roomOf(writer);
  return lines.find(({ length }) => length <= room) ?? (lines.at(-1) ?? "").slice(0, room);
}
