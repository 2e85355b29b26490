import { range } from "../../base/shape.ts";
import { build, type Node } from "../../graph/index.ts";
import type { VjpRule } from "../rule.ts";
import { flip, inverse, sum, zeros } from "../terms.ts";

type MovementOp = "reshape" | "permute" | "expand" | "slice" | "pad" | "concat" | "windows" | "fold";

/** The elements move, so their gradients move back; where elements are copied, the gradients are summed. */
export const movement: { readonly [K in MovementOp]: VjpRule<K> } = {
  reshape: (g, { inputs: [x] }) => [build.reshape(g, x.shape)],
  permute: (g, { attrs: { order } }) => [build.permute(g, inverse(order))],
  expand: (g, { inputs: [x] }) => {
    const repeated = range(x.shape.length).filter((axis) => x.shape[axis] !== g.shape[axis]);
    return [build.reshape(sum(g, repeated), x.shape)];
  },
  slice: (g, { inputs: [x], attrs: { start, size, step } }) => {
    if (size.includes(0)) return [zeros(x)];
    const backward = range(step.length).filter((axis) => step[axis]! < 0);
    // Read forward, the elements begin at the smaller end and lie |step| apart.
    const low = start.map((first, axis) => Math.min(first, first + (size[axis]! - 1) * step[axis]!));
    const gap = step.map((distance) => Math.abs(distance));
    const high = x.shape.map((length, axis) => length - low[axis]! - (size[axis]! - 1) * gap[axis]! - 1);
    return [build.pad(flip(g, backward), { low, high, between: gap.map((distance) => distance - 1), value: 0 })];
  },
  pad: (g, { inputs: [x], attrs: { low, high, between } }) => {
    if (x.shape.includes(0)) return [zeros(x)];
    // Elements that a negative pad cropped get 0: put their places back first.
    const crop = (amounts: readonly number[]): number[] => amounts.map((amount) => Math.max(0, -amount));
    const whole = build.pad(g, { low: crop(low), high: crop(high), between: low.map(() => 0), value: 0 });
    const start = low.map((amount) => Math.max(0, amount));
    return [
      build.slice(
        whole,
        start,
        x.shape,
        between.map((amount) => amount + 1),
      ),
    ];
  },
  concat: (g, { inputs, attrs: { axis } }) => {
    let offset = 0;
    return inputs.map((x): Node => {
      const start = x.shape.map((_, other) => (other === axis ? offset : 0));
      offset += x.shape[axis]!;
      return build.slice(g, start, x.shape);
    });
  },
  windows: (g, { inputs: [x], attrs }) => [
    build.fold(g, { ...attrs, sizes: attrs.axes.map((axis) => x.shape[axis]!) }),
  ],
  fold: (g, { attrs: { axes, size, stride, dilation } }) => [build.windows(g, { axes, size, stride, dilation })],
};
