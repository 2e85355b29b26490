import { bytesPerElement } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { isSymbolic, type Layer, type LayerCall, leavesOf, printOpenShape, type SymbolicTensor } from "../nn/index.ts";
import type { Variable } from "../tensor/index.ts";
import type { AnyModel } from "./model.ts";
import { type Column, printTable } from "./table.ts";

export interface SummaryOptions {
  /** Width of the table in characters; what has no room goes on in the next line. Default: as narrow as the contents allow. */
  readonly lineLength?: number;
  /** Also shows the layers of models inside, indented. Default false. */
  readonly expandNested?: boolean;
  /** Adds a column that says which layers are trainable. Default false. */
  readonly showTrainable?: boolean;
  /** The names of the first and the last layer to show. Default: all. */
  readonly layerRange?: readonly [string, string];
}

/** A table of the model's layers, output shapes and parameter counts, in Keras's form. */
export function summarize(model: AnyModel, options: SummaryOptions = {}): string {
  const branches = branching(model);
  const columns: Column[] = [
    { title: "Layer (type)", align: "left" },
    { title: "Output Shape", align: "left" },
    { title: "Param #", align: "right" },
    ...(branches ? [{ title: "Connected to", align: "left" } as const] : []),
    ...(options.showTrainable ? [{ title: "Trainable", align: "center" } as const] : []),
  ];
  const rowsOf = (layer: Layer, level: number): string[][] => {
    const row = [
      `${level === 0 ? "" : `${"   ".repeat(level)}└ `}${layer.name} (${layer.typeName})`,
      shapesOf(layer, model),
      parametersOf(layer, model),
      ...(branches ? [connections(layer, model)] : []),
      ...(options.showTrainable ? [layer.variables.length === 0 ? "-" : layer.trainable ? "Y" : "N"] : []),
    ];
    const inner = options.expandNested && isModel(layer) ? layer.layers : [];
    return [row, ...inner.flatMap((nested) => rowsOf(nested, level + 1))];
  };
  const rows = shown(model, options.layerRange).flatMap((layer) => rowsOf(layer, 0));
  const trainable = new Set(model.trainableVariables);
  const frozen = model.variables.filter((variable) => !trainable.has(variable));
  const totals = [
    ` Total params: ${count(model.variables)}`,
    ` Trainable params: ${count([...trainable])}`,
    ` Non-trainable params: ${count(frozen)}`,
    ...(model.optimizerVariables.length > 0 ? [` Optimizer params: ${count(model.optimizerVariables)}`] : []),
  ];
  return [`Model: "${model.name}"`, ...printTable(columns, rows, options.lineLength), ...totals].join("\n");
}

/** Tells models inside from layers, without importing their class. */
const isModel = (layer: Layer): layer is AnyModel & Layer => "describe" in layer;

function shown(model: AnyModel, range: SummaryOptions["layerRange"]): readonly Layer[] {
  if (range === undefined) return model.layers;
  const [first, last] = range.map((name) => model.layers.indexOf(model.getLayer(name))) as [number, number]; // as many
  if (first <= last) return model.layers.slice(first, last + 1);
  throw new ArgumentError(`summary: layerRange: "${range[0]}" comes after "${range[1]}"`);
}

/** The calls of a functional model; none for other models. */
const callsOf = (model: AnyModel): readonly LayerCall[] =>
  "calls" in model ? (model.calls as readonly LayerCall[]) : [];

/** Whether the table needs to say what is connected to what: a layer has several inputs or uses, or a tensor several readers. */
function branching(model: AnyModel): boolean {
  const calls = callsOf(model);
  const layers = new Set(calls.map(({ layer }) => layer));
  const read = calls.flatMap(({ inputs }) => leavesOf(inputs, isSymbolic));
  const inputs = calls.length === 0 || model.graph === undefined ? [] : leavesOf(model.graph.inputs, isSymbolic);
  return (
    layers.size < calls.length || new Set(read).size < read.length || read.length > calls.length || inputs.length > 1
  );
}

/** `dense[0][0]`: layer, which of its calls, which of the call's results. */
function connections(layer: Layer, model: AnyModel): string {
  const place = (tensor: SymbolicTensor): string => {
    const { source } = tensor;
    const known = source !== undefined && model.callsOf(source.layer).includes(source);
    if (!known) return `${tensor.name}[0][0]`; // an input
    return `${source.layer.name}[${source.layer.uses.indexOf(source)}][${source.outputs.indexOf(tensor)}]`;
  };
  const places = model.callsOf(layer).flatMap(({ inputs }) => leavesOf(inputs, isSymbolic).map(place));
  return places.length === 0 ? "-" : places.join(",\n");
}

/** The shapes of the layer's results: in this model, or, inside of a model that is part of it, wherever it was called. */
function shapesOf(layer: Layer, model: AnyModel): string {
  const entry = "tensor" in layer && isSymbolic(layer.tensor) ? [layer.tensor] : [];
  const calls = model.callsOf(layer).length > 0 ? model.callsOf(layer) : layer.uses;
  const outputs = [...entry, ...calls.flatMap(({ outputs }) => outputs)];
  return outputs.length === 0 ? "?" : [...new Set(outputs.map(({ shape }) => printOpenShape(shape)))].join(", ");
}

function parametersOf(layer: Layer, model: AnyModel): string {
  const entry = "tensor" in layer;
  const unbuilt =
    !entry && layer.variables.length === 0 && model.callsOf(layer).length === 0 && layer.uses.length === 0;
  return unbuilt ? "0 (unbuilt)" : layer.countParams().toLocaleString("en-US");
}

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
