import { isFloat } from "../base/dtype.ts";
import type { Tensor } from "../tensor/index.ts";

/** `x` itself if it holds floats, otherwise `x` as f32: layers accept pixels and labels as they come. */
export const floating = (x: Tensor): Tensor => (isFloat(x.dtype) ? x : x.cast("f32"));
