import { encodeEvent, encodeFileVersion, type Histogram } from "../formats/index.ts";
import { barsOf, type Curve, Curves, type Entry, type TensorStats } from "../record/index.ts";
import { imageOf } from "./images.ts";

/** All series as a table: a row a step, a column a series. An empty cell stands for no value. */
export function exportCsv(entries: readonly Entry[]): string {
  const { all } = curvesOf(entries);
  const rows = new Map<number, { time: number; readonly values: Map<Curve, number> }>();
  for (const curve of all) {
    const { steps, times, values } = curve.values;
    steps.forEach((step, at) => {
      const row = rows.get(step) ?? { time: times[at]!, values: new Map() };
      rows.set(step, row);
      row.values.set(curve, values[at]!);
    });
  }
  const head = ["step", "time", ...all.map(labelOf)].map(quoted);
  const lines = [...rows]
    .sort(([a], [b]) => a - b)
    .map(([step, { time, values }]) => [step, timeOf(time), ...all.map((curve) => values.get(curve) ?? "")]);
  return [head, ...lines].map((cells) => `${cells.join(",")}\n`).join("");
}

/** Everything but pictures as JSON: events, curves, statistics. */
export function exportJson(entries: readonly Entry[]): string {
  const curves = curvesOf(entries).all.map((curve) => ({
    ...curve.definition,
    steps: [...curve.values.steps],
    values: Array.from(curve.values.values, (value) => (Number.isFinite(value) ? value : String(value))),
  }));
  const told = (kind: Entry["kind"]): unknown[] =>
    entries.filter((entry) => entry.kind === kind).map(({ step, stream, content }) => ({ step, stream, content }));
  const whole = {
    curves,
    events: told("event"),
    tensors: entries.flatMap((entry) =>
      entry.kind === "define" && entry.content.define === "tensor" ? [entry.content] : [],
    ),
    stats: told("stats"),
    histograms: told("histogram"),
    memory: told("memory"),
    checkpoints: told("checkpoint"),
  };
  return `${JSON.stringify(whole)}\n`;
}

/** A file of events that TensorBoard reads: curves, histograms of tensors, the model's graph, and pictures. */
export function exportTensorBoard(entries: readonly Entry[]): Uint8Array {
  const curves = new Curves();
  const began = entries.find((entry) => entry.kind === "event" && entry.content.type === "run");
  const seconds = began?.kind === "event" && began.content.type === "run" ? began.content.run.created / 1000 : 0;
  const parts = [encodeFileVersion(seconds)];
  const model = began?.kind === "event" && began.content.type === "run" ? began.content.run.model : undefined;
  if (model !== undefined) {
    const graph = model.layers.map(({ id, type, inputs, outputShapes }) => {
      return { name: id, operation: type, inputs, shapes: outputShapes };
    });
    parts.push(encodeEvent({ seconds, step: 0, graph }));
  }
  let now = seconds;
  let stats: TensorStats | undefined;
  for (const entry of entries) {
    curves.take(entry);
    const { kind, content, step, stream } = entry;
    if (kind === "scalars") {
      content.steps.forEach((each, at) => {
        now = content.times[at]! / 1000;
        const row = [...content.series].map((id, series): [string, number] => {
          const curve = curves.get(id);
          return [
            curve === undefined ? `series ${id}` : labelOf(curve),
            content.values[series * content.steps.length + at]!,
          ];
        });
        parts.push(encodeEvent({ seconds: now, step: each, scalars: Object.fromEntries(row) }));
      });
    }
    if (kind === "stats") stats = content;
    const image = kind === "slice" ? imageOf(content) : undefined;
    if (kind === "slice" && image !== undefined) {
      const { role, layer, key } = content.head;
      const tag = [role, layer, key].filter((each) => each !== undefined).join("/");
      parts.push(encodeEvent({ seconds: now, step, images: { [tag]: image } }));
    }
    const tensor = curves.tensors.get(stream);
    if (kind !== "histogram" || stats === undefined || tensor === undefined) continue;
    const histogram = tensorBoardHistogram(barsOf(content).bars, stats);
    parts.push(encodeEvent({ seconds: now, step, histograms: { [`${tensor.role}/${tensor.name}`]: histogram } }));
  }
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function tensorBoardHistogram(bars: ReturnType<typeof barsOf>["bars"], stats: TensorStats): Histogram {
  const limits: number[] = [];
  const counts: number[] = [];
  for (const { low, high, count } of bars) {
    // An empty bucket before says where this one begins.
    if (limits.at(-1) !== low) {
      limits.push(low);
      counts.push(0);
    }
    limits.push(high);
    counts.push(count);
  }
  const { min, max, sum, sumOfSquares, count } = stats;
  return { min, max, sum, sumOfSquares, count, limits, counts };
}

function curvesOf(entries: readonly Entry[]): Curves {
  const curves = new Curves();
  for (const entry of entries) curves.take(entry);
  return curves;
}

const labelOf = ({ definition: { split, name } }: Curve): string => (split === "none" ? name : `${split}/${name}`);
const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
/** Empty where a log tells a time that there is not. */
const timeOf = (time: number): string => (Number.isNaN(new Date(time).getTime()) ? "" : new Date(time).toISOString());
