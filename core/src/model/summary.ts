import { bytesPerElement } from "../base/dtype.ts";
import { type Layer, type OpenShape, printOpenShape } from "../nn/index.ts";
import type { Variable } from "../tensor/index.ts";
import type { Model } from "./model.ts";

export interface SummaryOptions {
  /** Width of the table in characters. Default: as narrow as the contents allow. */
  readonly lineLength?: number;
}

interface Row {
  readonly name: string;
  readonly shape: string;
  readonly parameters: string;
}

/** A table of the model's layers, output shapes and parameter counts, in Keras's form. */
export function summarize(model: Model, options: SummaryOptions = {}): string {
  const rows = model.layers.map((layer) => rowOf(layer, model));
  const header: Row = { name: "Layer (type)", shape: "Output Shape", parameters: "Param #" };
  const widths = columnWidths([header, ...rows], options.lineLength);
  const trainable = new Set(model.trainableVariables);
  const frozen = model.variables.filter((variable) => !trainable.has(variable));
  const totals = [
    ` Total params: ${count(model.variables)}`,
    ` Trainable params: ${count([...trainable])}`,
    ` Non-trainable params: ${count(frozen)}`,
    ...(model.optimizerVariables.length > 0 ? [` Optimizer params: ${count(model.optimizerVariables)}`] : []),
  ];
  return [`Model: "${model.name}"`, ...table(header, rows, widths), ...totals].join("\n");
}

function rowOf(layer: Layer, model: Model): Row {
  const calls = model.callsOf(layer);
  const shapes: OpenShape[] = calls.flatMap(({ outputs }) => outputs.map(({ shape }) => shape));
  const unbuilt = calls.length === 0;
  return {
    name: `${layer.name} (${layer.typeName})`,
    shape: unbuilt ? "?" : [...new Set(shapes.map(printOpenShape))].join(", "),
    parameters: unbuilt ? "0 (unbuilt)" : layer.countParams().toLocaleString("en-US"),
  };
}

function columnWidths(rows: readonly Row[], lineLength: number | undefined): readonly [number, number, number] {
  const widest = (pick: (row: Row) => string): number => Math.max(...rows.map((row) => pick(row).length));
  const widths: [number, number, number] = [widest((r) => r.name), widest((r) => r.shape), widest((r) => r.parameters)];
  const spare = (lineLength ?? 0) - (widths[0] + widths[1] + widths[2] + 10);
  if (spare > 0) widths[0] += spare;
  return widths;
}

function table(header: Row, rows: readonly Row[], widths: readonly [number, number, number]): string[] {
  const rule = (left: string, line: string, cross: string, right: string): string =>
    left + widths.map((width) => line.repeat(width + 2)).join(cross) + right;
  const cells = (bar: string, { name, shape, parameters }: Row): string =>
    `${bar} ${fit(name, widths[0])} ${bar} ${fit(shape, widths[1])} ${bar} ${parameters.padStart(widths[2])} ${bar}`;
  const body = rows.flatMap((row, index) =>
    index === 0 ? [cells("│", row)] : [rule("├", "─", "┼", "┤"), cells("│", row)],
  );
  return [rule("┏", "━", "┳", "┓"), cells("┃", header), rule("┡", "━", "╇", "┩"), ...body, rule("└", "─", "┴", "┘")];
}

const fit = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);

function count(variables: readonly Variable[]): string {
  const elements = variables.reduce((sum, { size }) => sum + size, 0);
  const bytes = variables.reduce((sum, { size, dtype }) => sum + size * bytesPerElement[dtype], 0);
  return `${elements.toLocaleString("en-US")} (${printBytes(bytes)})`;
}

/** `3.54 KB`: steps of 1024, two decimals, as Keras prints sizes. */
export function printBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(2)} ${units[unit]}`;
}
