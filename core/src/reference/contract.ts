import { range, rowStrides, type Shape, sizeOf } from "../base/shape.ts";
import type { AttrsOf, Labels } from "../graph/primitives.ts";
import type { HostArray } from "./hostArray.ts";
import { offsetsAlong, offsetsOf } from "./offsets.ts";
import { emptyArray, type ReferenceRules } from "./rule.ts";
import { adder, combiner, multiplier } from "./scalar.ts";

/** Strides of an array for the axes that `labels` name; 0 for a label that it does not have. */
const stridesFor = (labels: Labels, own: Labels, shape: Shape): number[] => {
  const strides = rowStrides(shape);
  return labels.map((label) => (own.includes(label) ? strides[own.indexOf(label)]! : 0));
};

/**
 * For each pair of output position and window offset, the spatial position in x, or -1 where only padding or a spread zero
 * is met. Positions and offsets are row-major over their axes.
 */
function convPositions(spatial: Shape, window: Shape, output: Shape, attrs: AttrsOf<"conv">): Int32Array {
  const shape = [...output, ...window];
  const positions = new Int32Array(sizeOf(shape));
  const strides = rowStrides(spatial);
  spatial.forEach((size, axis) => {
    const steps = shape.map((_, index) => {
      if (index === axis) return attrs.stride[axis]!;
      return index === output.length + axis ? attrs.dilation[axis]! : 0;
    });
    offsetsOf(shape, steps, -attrs.pad[axis]![0]).forEach((spreadPosition, index) => {
      const position = spreadPosition / attrs.spread[axis]!;
      if (!Number.isInteger(position) || position < 0 || position >= size) positions[index] = -1;
      else if (positions[index] !== -1) positions[index]! += position * strides[axis]!;
    });
  });
  return positions;
}

function convolve(x: HostArray, w: HostArray, attrs: AttrsOf<"conv">, out: HostArray): HostArray {
  const rank = attrs.stride.length;
  const [add, multiply] = [adder(out.dtype), multiplier(out.dtype)];
  const [batch, groups, inner, outer] = [x.shape[0]!, x.shape[rank + 1]!, x.shape[rank + 2]!, w.shape[rank + 2]!];
  const spatial = x.shape.slice(1, rank + 1);
  const window = w.shape.slice(0, rank);
  const output = out.shape.slice(1, rank + 1);
  const positions = convPositions(spatial, window, output, attrs);
  const [spatialSize, windowSize, outputSize] = [sizeOf(spatial), sizeOf(window), sizeOf(output)];
  let element = 0;
  for (let n = 0; n < batch; n++) {
    for (let t = 0; t < outputSize; t++) {
      for (let g = 0; g < groups; g++) {
        for (let o = 0; o < outer; o++) {
          let sum = 0;
          for (let k = 0; k < windowSize; k++) {
            const position = positions[t * windowSize + k]!;
            if (position === -1) continue;
            const xAt = ((n * spatialSize + position) * groups + g) * inner;
            const wAt = (k * groups + g) * inner * outer + o;
            for (let i = 0; i < inner; i++) sum = add(sum, multiply(x.data[xAt + i]!, w.data[wAt + i * outer]!));
          }
          out.data[element++] = sum;
        }
      }
    }
  }
  return out;
}

/** Everything that adds up, or otherwise combines, along axes. */
export const contraction: ReferenceRules<"reduce" | "cumulative" | "contract" | "conv"> = {
  reduce: ([x], { reduce, axes }, type) => {
    const out = emptyArray(type);
    const { combine, initial } = combiner(reduce, type.dtype);
    const kept = offsetsAlong(
      x!.shape,
      range(x!.shape.length).filter((axis) => !axes.includes(axis)),
    );
    const reduced = offsetsAlong(x!.shape, axes);
    kept.forEach((start, element) => {
      let total = initial;
      for (const offset of reduced) total = combine(total, x!.data[start + offset]!);
      out.data[element] = total;
    });
    return out;
  },
  cumulative: ([x], { cumulative, axis, reverse }, type) => {
    const out = emptyArray(type);
    const { combine, initial } = combiner(cumulative, type.dtype);
    const others = offsetsAlong(
      x!.shape,
      range(x!.shape.length).filter((other) => other !== axis),
    );
    const forward = offsetsAlong(x!.shape, [axis]);
    const order = reverse ? forward.toReversed() : forward;
    for (const start of others) {
      let total = initial;
      for (const offset of order) {
        total = combine(total, x!.data[start + offset]!);
        out.data[start + offset] = total;
      }
    }
    return out;
  },
  contract: ([x, y], { a, b, out: labels }, type) => {
    const out = emptyArray(type);
    const [add, multiply] = [adder(type.dtype), multiplier(type.dtype)];
    const summed = a.filter((label) => !labels.includes(label));
    const sizes = summed.map((label) => x!.shape[a.indexOf(label)]!);
    const xStarts = offsetsOf(type.shape, stridesFor(labels, a, x!.shape));
    const yStarts = offsetsOf(type.shape, stridesFor(labels, b, y!.shape));
    const xSteps = offsetsOf(sizes, stridesFor(summed, a, x!.shape));
    const ySteps = offsetsOf(sizes, stridesFor(summed, b, y!.shape));
    for (let element = 0; element < out.data.length; element++) {
      let sum = 0;
      for (let k = 0; k < xSteps.length; k++) {
        sum = add(sum, multiply(x!.data[xStarts[element]! + xSteps[k]!]!, y!.data[yStarts[element]! + ySteps[k]!]!));
      }
      out.data[element] = sum;
    }
    return out;
  },
  conv: ([x, w], attrs, type) => convolve(x!, w!, attrs, emptyArray(type)),
};
