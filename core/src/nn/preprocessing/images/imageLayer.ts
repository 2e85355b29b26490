import { ArgumentError, ShapeError } from "../../../base/errors.ts";
import { printShape, type Shape } from "../../../base/shape.ts";
import { Tensor, tensor } from "../../../tensor/index.ts";
import { type CallContext, contextNow } from "../../context.ts";
import { choice, optional } from "../../fieldKinds.ts";
import { type Fields, field, type GivenOf } from "../../fields.ts";
import { floating } from "../../floating.ts";
import { AnyLayer, type Inputs, type LayerOptions, type Outputs } from "../../layer.ts";
import { generatorOf, keyOf, type RandomVariables, seedFields } from "../../randomness.ts";
import { isPlain, type Structure } from "../../structure.ts";
import { isHostArray } from "../hostData.ts";
import { type BoxFormat, boxesOf, boxFormats, edgesOf, type Move, movedEdges, type Size } from "./boxes.ts";
import { Draws } from "./draws.ts";

/** Boxes [batch, boxes, 4] and the class of each, [batch, boxes]. */
export interface BoundingBoxes {
  readonly boxes: Tensor;
  readonly labels?: Tensor;
}

/** Images with what belongs to them; all of it is moved along. */
export interface LabeledImages {
  /** [batch, height, width, channels], or one image without the batch; so all others. */
  readonly images: Tensor;
  readonly labels?: Tensor;
  readonly boundingBoxes?: BoundingBoxes;
  /** Class numbers of pixels: [batch, height, width, 1]. */
  readonly segmentationMasks?: Tensor;
}

/** What happens to a batch of images, once it is decided. */
export interface Transformation {
  readonly images: (images: Tensor) => Tensor;
  /** Default: masks stay as they are. */
  readonly masks?: (masks: Tensor) => Tensor;
  /** Where points of the images come to lie. Default: where they are. */
  readonly move?: Move;
  /** The size afterwards. Default: that before. */
  readonly size?: Size;
  readonly labels?: (labels: Tensor) => Tensor;
  /** In place of `move`. */
  readonly boxes?: (boxes: BoundingBoxes) => BoundingBoxes;
}

export interface Batch {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

const formats: readonly string[] = boxFormats;

/** Options of all layers on images. */
export const imageFields = {
  /** How boxes are given; needed where there are any. */
  boundingBoxFormat: optional(
    field<BoxFormat, BoxFormat>({
      parse: (name, value) => choice(boxFormats, "xyxy").parse(name, value),
      read: (json) => (typeof json === "string" && formats.includes(json) ? (json as BoxFormat) : undefined),
      expected: boxFormats.join(" or "),
    }),
  ),
};
export const randomImageFields = { ...imageFields, ...seedFields };
type ImageFields = Fields & typeof imageFields;
export type ImageOptions = LayerOptions & GivenOf<typeof imageFields>;

/**
 * A layer that changes images: a batch or one image, alone or with labels, boxes and masks. Random ones are active while
 * training; called by themselves, outside of models, they are active too, as they are then part of a pipeline.
 */
export abstract class ImageLayer<F extends ImageFields = ImageFields> extends AnyLayer<RandomVariables, F> {
  /** What happens to this batch; undefined where nothing does. */
  abstract transformation(batch: Batch, context: CallContext, draws: () => Draws): Transformation | undefined;

  override invoke(x: unknown, context?: CallContext): unknown {
    // What pipelines pass along with an element is no context.
    return super.invoke(onTensors(x), typeof context?.training === "boolean" ? context : contextNow());
  }

  override build(): RandomVariables {
    return generatorOf((this.options as { readonly seed?: number | undefined }).seed);
  }

  override check(input: Structure<Shape>): void {
    const shape = isShape(input) ? input : (input as { readonly images?: unknown }).images;
    if (!isShape(shape)) {
      throw new ArgumentError({
        what: `${this.name}: expected images, or a record of images and what belongs to them; received several tensors`,
        hint: "{ images, labels, boundingBoxes: { boxes, labels }, segmentationMasks }",
      });
    }
    if (shape.length === 3 || shape.length === 4) return;
    throw new ShapeError({
      what: `${this.name}: expected images [batch, height, width, channels] or [height, width, channels], received ${printShape(shape)}`,
      hint: "images without channels need one: x.expandDims(-1)",
    });
  }

  override call(x: Inputs, variables: RandomVariables, context: CallContext): Outputs {
    const data = x instanceof Tensor ? { images: x } : (x as unknown as LabeledImages); // check has seen that it is
    const single = data.images.rank === 3;
    const batched = single ? overTensors(data, (part) => part.expandDims(0) as Tensor) : data;
    const changed = this.#changed(batched, variables, context);
    const result = single ? overTensors(changed, (part) => part.squeeze(0)) : changed;
    // A record of tensors is a structure of them; interfaces have no index signature to show it.
    return x instanceof Tensor ? result.images : (result as unknown as Outputs);
  }

  #changed(data: LabeledImages, variables: RandomVariables, context: CallContext): LabeledImages {
    const images = floating(data.images);
    const [batch, height, width, channels] = images.shape as readonly [number, number, number, number];
    let draws: Draws | undefined;
    const active = { ...context, training: context.training || context.unsaid === true };
    const made = this.transformation({ batch, height, width, channels }, active, () => {
      draws ??= new Draws(keyOf(variables));
      return draws;
    });
    if (made === undefined) return { ...data, images };
    const { labels, boundingBoxes, segmentationMasks } = data;
    return {
      ...data,
      images: made.images(images),
      ...(labels === undefined ? {} : { labels: made.labels?.(labels) ?? labels }),
      ...(boundingBoxes === undefined ? {} : { boundingBoxes: this.#boxes(boundingBoxes, made, [height, width]) }),
      ...(segmentationMasks === undefined
        ? {}
        : { segmentationMasks: made.masks?.(segmentationMasks) ?? segmentationMasks }),
    };
  }

  #boxes(given: BoundingBoxes, { move, size, boxes }: Transformation, before: Size): BoundingBoxes {
    const format = (this.options as { readonly boundingBoxFormat?: BoxFormat | undefined }).boundingBoxFormat;
    if (boxes !== undefined) return boxes(given);
    if (move === undefined && size === undefined) return given;
    if (format === undefined) {
      throw new ArgumentError({
        what: `${this.name}: there are boxes, but the layer does not know what their numbers mean`,
        hint: `say it: { boundingBoxFormat: "xyxy" }, or ${boxFormats.slice(1).join(", ")}`,
      });
    }
    const after = size ?? before;
    const edges = movedEdges(edgesOf(floating(given.boxes), format, before), move ?? ((x, y) => [x, y]), after);
    return { ...given, boxes: boxesOf(edges, format, after) };
  }
}

const isShape = (value: unknown): value is Shape =>
  Array.isArray(value) && value.every((size) => typeof size === "number");

/** Arrays in the host's memory, as pipelines have them, become tensors. */
const onTensors = (x: unknown): unknown => {
  if (isHostArray(x)) return tensor(x.data as Float32Array, { shape: x.shape }); // a typed array of any kind
  if (!isPlain(x)) return x;
  return Object.fromEntries(Object.entries(x).map(([name, part]) => [name, onTensors(part)]));
};

/** All tensors of a batch changed. */
function overTensors(data: LabeledImages, change: (part: Tensor) => Tensor): LabeledImages {
  const over = (part: unknown): unknown =>
    part instanceof Tensor
      ? change(part)
      : Object.fromEntries(Object.entries(part as object).map(([name, inner]) => [name, over(inner)]));
  return over(data) as LabeledImages; // of the same form
}
