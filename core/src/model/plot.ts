import { oneOf } from "../base/errors.ts";
import { isSymbolic, type Layer, layerGraph, printOpenShape, type SymbolicTensor } from "../nn/index.ts";
import { arrange, type Box, type Direction } from "./arrange.ts";
import type { AnyModel } from "./model.ts";
import { widthOf } from "./table.ts";

export interface PlotOptions {
  /** Default false. */
  readonly showShapes?: boolean;
  /** Default false. */
  readonly showDtype?: boolean;
  /** Default false: only the classes are shown. */
  readonly showLayerNames?: boolean;
  /** Default false. */
  readonly showTrainable?: boolean;
  /** Default false. */
  readonly showLayerActivations?: boolean;
  /** Where the arrows lead: "TB" down, "LR" to the right, "BT" and "RL" the other way. Default "TB". */
  readonly rankdir?: Direction;
  /** Shows the layers of models inside, in the place of the model. Default false. */
  readonly expandNested?: boolean;
}

const fontSize = 12;
const lineHeight = 17;
const padding = 8;
/** Of the monospace font, in parts of its size. */
const characterWidth = 0.62;

/** The model's graph as an SVG picture (its text): layers from top to bottom, with the tensors that join them. */
export function plotModel(model: AnyModel, options: PlotOptions = {}): string {
  const direction = oneOf("rankdir", options.rankdir ?? "TB", ["TB", "LR", "BT", "RL"]);
  const { layers, edges } = layerGraph(model, options.expandNested ?? false);
  const texts = layers.map((layer) => linesOf(layer, options));
  const boxes = texts.map((lines) => ({
    width: Math.max(...lines.map(widthOf)) * fontSize * characterWidth + 2 * padding,
    height: lines.length * lineHeight + 2 * padding,
  }));
  const { places, paths, width, height } = arrange(boxes, edges, direction);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, monospace" font-size="${fontSize}" style="background: white">`,
    `<title>${escaped(model.name)}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z"/></marker></defs>',
    ...paths.map((path) => `<path d="${path}" fill="none" stroke="black" marker-end="url(#arrow)"/>`),
    ...texts.map((lines, index) => drawn(lines, boxes[index]!, places[index]!)),
    "</svg>",
  ].join("\n");
}

function drawn(
  lines: readonly string[],
  { width, height }: Box,
  { x, y }: { readonly x: number; readonly y: number },
): string {
  const text = lines.map((line, at) => {
    const weight = at === 0 ? ' font-weight="bold"' : "";
    return `<text x="${x + width / 2}" y="${y + padding + (at + 0.75) * lineHeight}" text-anchor="middle"${weight}>${escaped(line)}</text>`;
  });
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="3" fill="white" stroke="black"/>`,
    ...text,
  ].join("\n");
}

function linesOf(layer: Layer, options: PlotOptions): string[] {
  const outputs = layer.uses.flatMap(({ outputs }) => outputs);
  const shown = "tensor" in layer && isSymbolic(layer.tensor) ? [layer.tensor] : outputs;
  const each = (what: (tensor: SymbolicTensor) => string): string => [...new Set(shown.map(what))].join(", ") || "?";
  return [
    options.showLayerNames ? `${layer.name} (${layer.typeName})` : layer.typeName,
    ...(options.showLayerActivations ? activationOf(layer) : []),
    ...(options.showShapes ? [`output ${each(({ shape }) => printOpenShape(shape))}`] : []),
    ...(options.showDtype ? [`dtype ${each(({ dtype }) => dtype)}`] : []),
    ...(options.showTrainable && layer.variables.length > 0 ? [layer.trainable ? "trainable" : "frozen"] : []),
  ];
}

/** The line of a layer with an activation, by its name where it has one. */
function activationOf(layer: Layer): string[] {
  if (!Object.hasOwn(layer.options, "activation")) return [];
  const { activation } = layer.config();
  return [`activation ${typeof activation === "string" ? activation : "of its own"}`];
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character]!); // all four are there
