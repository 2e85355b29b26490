import type { RunLog } from "./runLog.ts";
import { lastAt } from "./search.ts";

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** All scalars as comma-separated values: a row a step. */
export function csvOf(log: RunLog): string {
  const curves = [...log.series.values()];
  const names = curves.map(({ definition: { name, split } }) => (split === "none" ? name : `${split} ${name}`));
  const rows = new Map<number, (number | undefined)[]>();
  for (const [place, curve] of curves.entries()) {
    for (const [at, step] of curve.steps.entries()) {
      const row = rows.get(step) ?? new Array<number | undefined>(curves.length).fill(undefined);
      row[place] = curve.values[at];
      rows.set(step, row);
    }
  }
  const lines = [...rows]
    .sort(([a], [b]) => a - b)
    .map(([step, row]) => [step, ...row.map((value) => value ?? "")].join());
  return `${["step", ...names].map(quoted).join()}\n${lines.join("\n")}\n`;
}

const microseconds = 1000;
const tracks = ["step", "phase", "layer", "kernel"] as const;

/** The spans at `step` as JSON that Perfetto, chrome://tracing and speedscope open ("Trace Event Format", Google 2016). */
export function traceOf(log: RunLog, step: number): string {
  const found = lastAt(log.spans, step) ?? log.spans[0];
  const named = tracks.map((name, tid) => ({ name: "thread_name", ph: "M", pid: 0, tid, args: { name } }));
  const spans = (found?.value.spans ?? []).map(({ name, level, layer, start, ms, count, multiplyAdds, bytes }) => ({
    name,
    cat: level,
    ph: "X",
    pid: 0,
    tid: tracks.indexOf(level),
    ts: start * microseconds,
    dur: ms * microseconds,
    args: { layer, launches: count, multiplyAdds, bytes },
  }));
  return `${JSON.stringify({ displayTimeUnit: "ms", traceEvents: [...named, ...spans] })}\n`;
}
