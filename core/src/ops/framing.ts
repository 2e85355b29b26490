import { ArgumentError } from "../base/errors.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { pad } from "./padding.ts";
import { slice } from "./slice.ts";

/** Two of three numbers an axis; the third follows. */
export interface FrameOptions {
  readonly top?: number | undefined;
  readonly bottom?: number | undefined;
  /** Of the result. */
  readonly height?: number | undefined;
  readonly left?: number | undefined;
  readonly right?: number | undefined;
  readonly width?: number | undefined;
}

/** Images [batch, height, width, channels] (or one, without the batch) without rows and columns at their edges. */
export const cropImages = (x: Node, options: FrameOptions): Node =>
  framed("cropImages", x, options, -1, (image, [top, bottom], [left, right]) => {
    const [, height, width] = image.shape as readonly [number, number, number, number];
    return slice(image, [{}, { start: top, stop: height - bottom }, { start: left, stop: width - right }]);
  });

/** Images with rows and columns of zeros around them. */
export const padImages = (x: Node, options: FrameOptions): Node =>
  framed("padImages", x, options, 1, (image, vertical, horizontal) =>
    pad(image, [[0, 0], vertical, horizontal, [0, 0]]),
  );

type Ends = readonly [before: number, after: number];

function framed(
  op: string,
  x: Node,
  { top, bottom, height, left, right, width }: FrameOptions,
  sign: 1 | -1,
  change: (images: Node, vertical: Ends, horizontal: Ends) => Node,
): Node {
  const { shape } = x;
  if (shape.length !== 3 && shape.length !== 4)
    throw shapeError(`${op}: needs images [batch, height, width, channels], or one [height, width, channels]`, [x]);
  const images = shape.length === 4 ? x : build.reshape(x, [1, ...shape]);
  const [, rows, columns] = images.shape as readonly [number, number, number, number];
  const vertical = ends(op, rows, { top, bottom, height }, sign);
  const horizontal = ends(op, columns, { left, right, width }, sign);
  const made = change(images, vertical, horizontal);
  return shape.length === 4 ? made : build.reshape(made, made.shape.slice(1));
}

/** How many rows are taken away or added at both ends, of [before, after, result] of which two are given. */
function ends(op: string, size: number, given: Readonly<Record<string, number | undefined>>, sign: 1 | -1): Ends {
  const [before, after, result] = Object.values(given);
  const names = Object.keys(given).join(", ");
  if (Object.values(given).filter((value) => value !== undefined).length !== 2)
    throw new ArgumentError(`${op}: needs two of ${names}`);
  const all = result === undefined ? undefined : sign * (result - size);
  const found: Ends = [before ?? all! - after!, after ?? all! - before!]; // two of three are given
  if (found.every((width) => Number.isInteger(width) && width >= 0) && size + sign * (found[0] + found[1]) >= 0)
    return found;
  throw new ArgumentError({
    what: `${op}: ${JSON.stringify(given)} does not fit ${size} rows or columns`,
    hint: `${names} are whole numbers of at least 0`,
  });
}
