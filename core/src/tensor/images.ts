import type { Shape } from "../base/shape.ts";
import * as ops from "../ops/index.ts";
import { asNode, type DTypeIn } from "./like.ts";
import { type Made, made, type Operand, recorded } from "./recorded.ts";

// Images [batch, height, width, channels], or one without the batch, as free functions.

type Like<X> = Made<X, Shape, DTypeIn<X>>;

/** Without rows and columns at the edges: two of `top`, `bottom` and the result's `height`, and of `left`, `right`, `width`. */
export const cropImages = recorded(
  "cropImages",
  <X extends Operand>(x: X, options: ops.FrameOptions): Like<X> => made(ops.cropImages(asNode(x), options)),
);
/** With rows and columns of zeros around them; numbers as for `cropImages`. */
export const padImages = recorded(
  "padImages",
  <X extends Operand>(x: X, options: ops.FrameOptions): Like<X> => made(ops.padImages(asNode(x), options)),
);
/**
 * Seen through an affine map: the pixel (x, y) comes from (a0·x + a1·y + a2, b0·x + b1·y + b2). `transform` is [a0, a1, a2, b0, b1,
 * b2, 0, 0], for all images or for each.
 */
export const affineTransform = recorded(
  "affineTransform",
  <X extends Operand, T extends Operand>(x: X, transform: T, options: ops.AffineOptions = {}): Like<X> =>
    made(ops.affineTransform(asNode(x), asNode(transform), options)),
);
/** The values of any tensor at `coordinates` [its axes, ...places]: elements' numbers with fractions. */
export const mapCoordinates = recorded(
  "mapCoordinates",
  <X extends Operand, P extends Operand>(x: X, coordinates: P, options: ops.CoordinateOptions = {}): Like<X> =>
    made(ops.mapCoordinates(asNode(x), asNode(coordinates), options)),
);
