import type { Shape } from "../base/shape.ts";
import { demandRank } from "./checks.ts";
import type { Structure } from "./structure.ts";

// What layers over steps, images and volumes share; channels come last.

export type Rank = 1 | 2 | 3;
export type Sizes = number | readonly number[];

export const spatialAxes = { 1: ["steps"], 2: ["height", "width"], 3: ["depth", "height", "width"] } as const;
const channelsHint = "images without channels need one: x.expandDims(-1)";

/** Demands [batch, ...spatial, channels] with `rank` spatial axes. */
export function demandImages(input: Structure<Shape>, rank: Rank): asserts input is Shape {
  demandRank(input, ["batch", ...spatialAxes[rank], "channels"], channelsHint);
}
