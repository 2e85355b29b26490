import { range, sizeOf } from "../../base/shape.ts";
import { build } from "../../graph/index.ts";
import type { VjpRule } from "../rule.ts";
import { flip, zeros } from "../terms.ts";

type LinearOp = "contract" | "conv";

/** Linear in each operand: the derivative is the same operation with the roles rotated. */
export const linear: { readonly [K in LinearOp]: VjpRule<K> } = {
  contract: (g, { inputs: [x, y], attrs: { a, b, out } }) => [
    build.contract(g, y, { a: out, b, out: a }),
    build.contract(x, g, { a, b: out, out: b }),
  ],

  // Along one axis, with x[i] standing at i·spread + low of the padded x:
  //   out[o] = Σ_k w[k] · x[i]   over all  o·stride + k·dilation = i·spread + low
  conv: (g, { inputs: [x, w], attrs: { stride, dilation, spread, pad } }) => {
    if (sizeOf(x.shape) === 0) return [zeros(x), zeros(w)];
    const rank = stride.length;
    const axes = range(rank);
    const [group, channel] = [rank + 1, rank + 2];
    const xSizes = x.shape.slice(1, rank + 1);
    const wSizes = w.shape.slice(0, rank);
    const outSizes = g.shape.slice(1, rank + 1);
    /** The high pad with which `count` elements, `gap` apart and after `low`, are exactly `length` long. */
    const highFor = (length: number, count: number, gap: number, low: number): number =>
      length - ((count - 1) * gap + 1) - low;
    /** The length that `first` steps of `step` and `second` steps of `other` cover. */
    const covered = (first: number, step: number, second: number, other: number): number =>
      (first - 1) * step + (second - 1) * other + 1;

    // gx[i] = Σ g[o]·w[k] over the same pairs: g is spread by stride, read at stride spread, the window mirrored.
    const gx = build.conv(g, build.permute(flip(w, axes), [...axes, rank, rank + 2, rank + 1]), {
      stride: spread,
      dilation,
      spread: stride,
      pad: axes.map((axis) => {
        const low = (wSizes[axis]! - 1) * dilation[axis]! - pad[axis]![0];
        const length = covered(xSizes[axis]!, spread[axis]!, wSizes[axis]!, dilation[axis]!);
        return [low, highFor(length, outSizes[axis]!, stride[axis]!, low)] as const;
      }),
    });

    // gw[k] = Σ_{n,o} x[i]·g[o]: the batch n is the summed channel, g the window. The high pad drops what no window read.
    const asImage = build.permute(x, [channel, ...axes.map((axis) => axis + 1), group, 0]);
    const asWindow = build.permute(g, [...axes.map((axis) => axis + 1), group, 0, channel]);
    const gw = build.conv(asImage, asWindow, {
      stride: dilation,
      dilation: stride,
      spread,
      pad: axes.map((axis) => {
        const low = pad[axis]![0];
        const length = covered(outSizes[axis]!, stride[axis]!, wSizes[axis]!, dilation[axis]!);
        return [low, highFor(length, xSizes[axis]!, spread[axis]!, low)] as const;
      }),
    });
    // [in, ...window, groups, out] → [...window, groups, in, out]
    return [gx, build.permute(gw, [...axes.map((axis) => axis + 1), group, 0, channel])];
  },
};
