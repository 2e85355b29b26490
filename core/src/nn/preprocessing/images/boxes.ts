import { concatenate, type Tensor } from "../../../tensor/index.ts";

/** How the four numbers of a box are meant; those that begin with `rel` are fractions of the image's width and height. */
export const boxFormats = [
  "xyxy",
  "yxyx",
  "xywh",
  "centerXywh",
  "centerYxhw",
  "relXyxy",
  "relYxyx",
  "relXywh",
  "relCenterXywh",
] as const;
export type BoxFormat = (typeof boxFormats)[number];

/** Left, top, right and bottom edges in pixels, [batch, boxes] each. */
export type Edges = readonly [left: Tensor, top: Tensor, right: Tensor, bottom: Tensor];
export type Size = readonly [height: number, width: number];

type Kind = "xyxy" | "yxyx" | "xywh" | "centerXywh" | "centerYxhw";

/** The format without its `rel`. */
const kindOf = (format: BoxFormat): Kind => {
  const name = format.startsWith("rel") ? format.charAt(3).toLowerCase() + format.slice(4) : format;
  return name as Kind; // the formats are the kinds, and some of them relative
};

const unitOf = (format: BoxFormat, [height, width]: Size): Size =>
  format.startsWith("rel") ? [height, width] : [1, 1];

/** The edges of boxes [batch, boxes, 4]. */
export function edgesOf(boxes: Tensor, format: BoxFormat, size: Size): Edges {
  const [height, width] = unitOf(format, size);
  const part = (index: number, unit: number): Tensor => boxes.slice(["...", index]).mul(unit) as Tensor;
  const kind = kindOf(format);
  if (kind === "yxyx") return [part(1, width), part(0, height), part(3, width), part(2, height)];
  if (kind === "xyxy") return [part(0, width), part(1, height), part(2, width), part(3, height)];
  const swapped = kind === "centerYxhw";
  const [x, y] = swapped ? [part(1, width), part(0, height)] : [part(0, width), part(1, height)];
  const [w, h] = swapped ? [part(3, width), part(2, height)] : [part(2, width), part(3, height)];
  if (kind === "xywh") return [x, y, x.add(w) as Tensor, y.add(h) as Tensor];
  const [halfWidth, halfHeight] = [w.mul(0.5), h.mul(0.5)];
  return [x.sub(halfWidth), y.sub(halfHeight), x.add(halfWidth), y.add(halfHeight)] as unknown as Edges; // four tensors
}

/** Boxes [batch, boxes, 4] with these edges, in an image of this size. */
export function boxesOf([left, top, right, bottom]: Edges, format: BoxFormat, size: Size): Tensor {
  const [height, width] = unitOf(format, size);
  const [w, h] = [right.sub(left), bottom.sub(top)];
  const [x, y] = [left.add(right).mul(0.5), top.add(bottom).mul(0.5)];
  const parts = {
    xyxy: [left, top, right, bottom],
    yxyx: [top, left, bottom, right],
    xywh: [left, top, w, h],
    centerXywh: [x, y, w, h],
    centerYxhw: [y, x, h, w],
  }[kindOf(format)] as readonly Tensor[];
  const vertical = ["yxyx", "centerYxhw"].includes(kindOf(format));
  const units = vertical ? [height, width, height, width] : [width, height, width, height];
  return concatenate(
    parts.map((part, at) => part.div(units[at]!).expandDims(-1)),
    -1,
  ) as Tensor;
}

/** Where points of the image come to lie: [batch, points] each. */
export type Move = (x: Tensor, y: Tensor) => readonly [Tensor, Tensor];

/** The edges of what boxes become when their corners move, cut off at the edge of the image. */
export function movedEdges([left, top, right, bottom]: Edges, move: Move, [height, width]: Size): Edges {
  const corners = [move(left, top), move(right, top), move(left, bottom), move(right, bottom)] as const;
  const of = (axis: 0 | 1, pick: "minimum" | "maximum", limit: number): Tensor =>
    corners
      .map((corner) => corner[axis])
      .reduce((a, b) => a[pick](b) as Tensor)
      .clip(0, limit);
  return [of(0, "minimum", width), of(1, "minimum", height), of(0, "maximum", width), of(1, "maximum", height)];
}
