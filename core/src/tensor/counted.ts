import { asTensor, tensor } from "./create.ts";
import type { TensorLike } from "./like.ts";
import type { Tensor } from "./tensor.ts";

// What has as many results as the values say: computed on the host, because programs know their shapes beforehand.

/** The places of values other than 0: one list of indices an axis, in the order of memory. */
export async function nonzero(x: TensorLike): Promise<Tensor<[number], "i32">[]> {
  const given = asTensor(x);
  const data = await given.data();
  const places = Array.from(data.keys()).filter((at) => Number(data[at]) !== 0);
  let stride = data.length;
  return given.shape.map((size) => {
    stride /= size || 1;
    const step = stride;
    return tensor(Int32Array.from(places, (at) => Math.floor(at / step) % size)) as Tensor<[number], "i32">;
  });
}

/** The different values, in rising order, and where they are. */
export interface Unique {
  readonly values: Tensor;
  /** Where each value stands first in the flat tensor. */
  readonly indices: Tensor;
  /** The place among `values` of each element; of the tensor's shape. */
  readonly inverse: Tensor;
  readonly counts: Tensor;
}

/** The different values of a tensor. NaN is one value. */
export async function unique(x: TensorLike): Promise<Unique> {
  const given = asTensor(x);
  const data = Array.from(await given.data(), Number);
  const first = new Map<number, number>();
  for (const [at, value] of data.entries()) if (!first.has(value)) first.set(value, at);
  const order = [...first.keys()].sort((a, b) => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b));
  const place = new Map(order.map((value, at) => [value, at]));
  const counts = new Int32Array(order.length);
  const inverse = Int32Array.from(data, (value) => place.get(value)!); // all are there
  for (const at of inverse) counts[at]!++;
  return {
    values: tensor(order, { dtype: given.dtype, shape: [order.length] }) as Tensor,
    indices: tensor(Int32Array.from(order, (value) => first.get(value)!)) as Tensor,
    inverse: tensor(inverse, { shape: given.shape }) as Tensor,
    counts: tensor(counts) as Tensor,
  };
}
