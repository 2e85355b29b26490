import { range, rowStrides, type Shape, sizeOf } from "../base/shape.ts";
import type { AttrsOf, WindowAttrs } from "../graph/primitives.ts";
import type { HostArray } from "./hostArray.ts";
import { offsetsOf } from "./offsets.ts";
import { emptyArray, type ReferenceRules } from "./rule.ts";
import { adder } from "./scalar.ts";

/** `x` read at `offsets`, one for each element of the result. */
const readAt = (x: HostArray, offsets: Int32Array): Float64Array =>
  Float64Array.from(offsets, (offset) => x.data[offset]!);

/** Where the elements of `windows` are in the array of `shape` that it looks at. */
function windowOffsets(shape: Shape, result: Shape, { axes, stride, dilation }: WindowAttrs): Int32Array {
  const strides = rowStrides(shape);
  const along = strides.map((step, axis) => step * (axes.includes(axis) ? stride[axes.indexOf(axis)]! : 1));
  const inside = axes.map((axis, index) => strides[axis]! * dilation[index]!);
  return offsetsOf(result, [...along, ...inside]);
}

/** For each element of `shape`, its place in the padded array, or -1 where it is cropped. */
function paddedPlaces(shape: Shape, result: Shape, { low, between }: AttrsOf<"pad">): Int32Array {
  const strides = rowStrides(result);
  const places = new Int32Array(sizeOf(shape));
  const indices = range(shape.length).map((axis) =>
    offsetsOf(
      shape,
      range(shape.length).map((other) => (other === axis ? 1 : 0)),
    ),
  );
  for (let element = 0; element < places.length; element++) {
    let place = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      const index = low[axis]! + indices[axis]![element]! * (between[axis]! + 1);
      if (index < 0 || index >= result[axis]!) place = Number.NaN;
      else place += index * strides[axis]!;
    }
    places[element] = Number.isNaN(place) ? -1 : place;
  }
  return places;
}

/** Index functions: each result element is one input element (or a constant). `fold` adds them up. */
export const movement: ReferenceRules<
  "reshape" | "permute" | "expand" | "slice" | "pad" | "concat" | "windows" | "fold"
> = {
  reshape: ([x], _, type) => ({ ...type, data: x!.data }),
  permute: ([x], { order }, type) => {
    const strides = rowStrides(x!.shape);
    return {
      ...type,
      data: readAt(
        x!,
        offsetsOf(
          type.shape,
          order.map((axis) => strides[axis]!),
        ),
      ),
    };
  },
  expand: ([x], _, type) => {
    const strides = rowStrides(x!.shape).map((stride, axis) => (x!.shape[axis] === 1 ? 0 : stride));
    return { ...type, data: readAt(x!, offsetsOf(type.shape, strides)) };
  },
  slice: ([x], { start, step }, type) => {
    const strides = rowStrides(x!.shape);
    const first = strides.reduce((sum, stride, axis) => sum + stride * start[axis]!, 0);
    return {
      ...type,
      data: readAt(
        x!,
        offsetsOf(
          type.shape,
          strides.map((stride, axis) => stride * step[axis]!),
          first,
        ),
      ),
    };
  },
  pad: ([x], attrs, type) => {
    const out = emptyArray(type);
    out.data.fill(attrs.value);
    paddedPlaces(x!.shape, type.shape, attrs).forEach((place, element) => {
      if (place >= 0) out.data[place] = x!.data[element]!;
    });
    return out;
  },
  concat: (inputs, { axis }, type) => {
    const out = emptyArray(type);
    const strides = rowStrides(type.shape);
    let start = 0;
    for (const { shape, data } of inputs) {
      offsetsOf(shape, strides, start * strides[axis]!).forEach((place, element) => {
        out.data[place] = data[element]!;
      });
      start += shape[axis]!;
    }
    return out;
  },
  windows: ([x], attrs, type) => ({ ...type, data: readAt(x!, windowOffsets(x!.shape, type.shape, attrs)) }),
  fold: ([x], attrs, type) => {
    const out = emptyArray(type);
    const add = adder(type.dtype);
    windowOffsets(type.shape, x!.shape, attrs).forEach((place, element) => {
      out.data[place] = add(out.data[place]!, x!.data[element]!);
    });
    return out;
  },
};
