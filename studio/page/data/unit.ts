import type { LayerNode } from "chainrule/record";
import type { Picture } from "./examples.ts";
import { largest } from "./search.ts";

/** What one unit makes of its input, in numbers: of a convolution at the place where it answers most. */
export type UnitSum =
  | {
      readonly kind: "patch";
      /** Where in the layer's output. */
      readonly row: number;
      readonly column: number;
      readonly height: number;
      readonly width: number;
      /** The input channel that adds most; [height, width] each. */
      readonly channel: number;
      readonly input: readonly number[];
      readonly weights: readonly number[];
      readonly channelSum: number;
      readonly otherChannels: number;
      readonly bias: number;
      readonly sum: number;
    }
  | {
      readonly kind: "terms";
      /** What adds most, largest first. */
      readonly terms: readonly { readonly from: number; readonly input: number; readonly weight: number }[];
      readonly others: number;
      readonly bias: number;
      readonly sum: number;
    };

const shownTerms = 6;

interface Parts {
  readonly layer: LayerNode;
  readonly kernel: Picture;
  readonly bias: Picture | undefined;
  /** What the layer is given, and what it makes of it, for one example. */
  readonly input: Picture;
  readonly map: Picture;
  readonly unit: number;
}

/** The sum of a unit of a convolution or of a dense layer; undefined for other layers, and where sizes do not fit. */
export function unitSum(parts: Parts): UnitSum | undefined {
  const { shape } = parts.kernel.head;
  const outputs = shape.at(-1) ?? 0;
  if (parts.unit >= outputs) return undefined;
  const bias = parts.bias?.values[parts.unit] ?? 0;
  if (parts.layer.type === "Conv2D" && shape.length === 4) return patchOf(parts, bias);
  if (parts.layer.type === "Dense" && shape.length === 2) return termsOf(parts, bias);
  return undefined;
}

function termsOf({ kernel, input, unit }: Parts, bias: number): UnitSum | undefined {
  const [inputs = 0, outputs = 0] = kernel.head.shape;
  if (input.values.length !== inputs) return undefined;
  const all = Array.from({ length: inputs }, (_, from) => ({
    from,
    input: input.values[from]!,
    weight: kernel.values[from * outputs + unit]!,
  }));
  const product = (each: (typeof all)[number]): number => each.input * each.weight;
  const total = all.reduce((sum, each) => sum + product(each), 0);
  const terms = all.sort((a, b) => Math.abs(product(b)) - Math.abs(product(a))).slice(0, shownTerms);
  const others = total - terms.reduce((sum, each) => sum + product(each), 0);
  return { kind: "terms", terms, others, bias, sum: total + bias };
}

function patchOf({ layer, kernel, input, map, unit }: Parts, bias: number): UnitSum | undefined {
  const [height = 0, width = 0, channels = 0, outputs = 0] = kernel.head.shape;
  const [inHeight = 0, inWidth = 0, inChannels = 1] = input.head.shape;
  const [outHeight = 0, outWidth = 0] = map.head.shape;
  if (inChannels !== channels || map.head.shape.length !== 3) return undefined;
  const answers = Float32Array.from({ length: outHeight * outWidth }, (_, at) => map.values[at * outputs + unit]!);
  const best = largest(answers);
  const [row, column] = [Math.floor(best / outWidth), best % outWidth];
  const { strides = 1, padding = "valid", dilationRate = 1 } = Object(layer.config) as Options;
  if (firstOf(dilationRate) !== 1) return undefined;
  const [down, across] = [firstOf(strides), lastOf(strides)];
  const before = (size: number, out: number, stride: number, side: number): number =>
    padding === "same" ? Math.floor(Math.max(0, (out - 1) * stride + side - size) / 2) : 0;
  const top = row * down - before(inHeight, outHeight, down, height);
  const left = column * across - before(inWidth, outWidth, across, width);
  const inputAt = (y: number, x: number, channel: number): number =>
    y < 0 || x < 0 || y >= inHeight || x >= inWidth ? 0 : input.values[(y * inWidth + x) * channels + channel]!;
  const ofChannel = (channel: number) => {
    const own = Array.from({ length: height * width }, (_, at) =>
      inputAt(top + Math.floor(at / width), left + (at % width), channel),
    );
    const weights = own.map((_, at) => kernel.values[(at * channels + channel) * outputs + unit]!);
    return { own, weights, sum: own.reduce((sum, value, at) => sum + value * weights[at]!, 0) };
  };
  const all = Array.from({ length: channels }, (_, channel) => ofChannel(channel));
  const total = all.reduce((sum, each) => sum + each.sum, 0);
  const channel = largest(all.map((each) => Math.abs(each.sum)));
  const shown = all[channel];
  if (shown === undefined) return undefined;
  return {
    kind: "patch",
    row,
    column,
    height,
    width,
    channel,
    input: shown.own,
    weights: shown.weights,
    channelSum: shown.sum,
    otherChannels: total - shown.sum,
    bias,
    sum: total + bias,
  };
}

/** Options of a convolution, as files have them. */
interface Options {
  readonly strides?: number | readonly number[];
  readonly padding?: string;
  readonly dilationRate?: number | readonly number[];
}
const firstOf = (value: number | readonly number[]): number => (typeof value === "number" ? value : (value[0] ?? 1));
const lastOf = (value: number | readonly number[]): number => (typeof value === "number" ? value : (value.at(-1) ?? 1));

/** A place among numbers of that shape, row by row: "17", or one number an axis, "5, 2"; undefined where there is none. */
export function placeOf(text: string, shape: readonly number[]): number | undefined {
  const parts = text
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const sizes = parts.length === 1 ? [shape.reduce((product, size) => product * size, 1)] : shape;
  const isThere = parts.every((part, axis) => Number.isInteger(part) && part >= 0 && part < (sizes[axis] ?? 0));
  if (parts.length !== sizes.length || !isThere || text.trim() === "") return undefined;
  return parts.reduce((place, part, axis) => place * sizes[axis]! + part, 0); // as many as there are sizes
}
