import type { Rows } from "./pca.ts";

/** The places of the rows that are nearest to `point`, and how far they are (Euclid), nearest first. */
export function nearestRows({ values, rows, columns }: Rows, point: ArrayLike<number>, count: number) {
  const all = Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let at = 0; at < columns; at++) sum += (values[row * columns + at]! - point[at]!) ** 2;
    return { row, distance: Math.sqrt(sum) };
  });
  return all.sort((a, b) => a.distance - b.distance).slice(0, count);
}

/** Where a cover of `side` points a side is laid on a picture, each `stride` points: its left upper corners, and how many each way. */
export function covers(height: number, width: number): Covers {
  const side = Math.max(2, Math.round(Math.min(height, width) / 7));
  const stride = Math.max(1, Math.floor(side / 2));
  const along = (size: number): number[] => {
    const places: number[] = [];
    for (let at = 0; at + side <= size; at += stride) places.push(at);
    return places;
  };
  return { side, tops: along(height), lefts: along(width) };
}
export interface Covers {
  readonly side: number;
  readonly tops: readonly number[];
  readonly lefts: readonly number[];
}

/** Corners of a lasso: x and y by turns. */
export type Lasso = readonly number[];

/** Whether a point lies in a polygon: a ray from it crosses the edges an odd number of times. */
export function isInside(lasso: Lasso, x: number, y: number): boolean {
  let inside = false;
  const corners = lasso.length / 2;
  for (let at = 0, before = corners - 1; at < corners; before = at++) {
    const [ax, ay] = [lasso[2 * at]!, lasso[2 * at + 1]!];
    const [bx, by] = [lasso[2 * before]!, lasso[2 * before + 1]!];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}
