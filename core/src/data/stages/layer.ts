import { Layer } from "../../nn/layer.ts";
import { type HostInput, HostLayer } from "../../nn/preprocessing/hostLayer.ts";
import { isPlain, mapStructure, type Structure } from "../../nn/structure.ts";
import { Tensor, tensor } from "../../tensor/index.ts";
import { onHost } from "../element.ts";
import type { Eventual } from "../eventual.ts";
import { NdArray } from "../ndarray.ts";

/** What a layer makes of elements: of `{ x, y }` and `[x, y]`, it changes x alone. */
export type LayerApplied<T> = T extends { readonly x: unknown }
  ? { readonly [K in keyof T]: K extends "x" ? NdArray : T[K] }
  : T extends readonly [unknown, ...infer Rest]
    ? readonly [NdArray, ...Rest]
    : NdArray;

/** A layer, as far as pipelines know it; instances are functions. */
export interface LayerLike {
  invoke(...given: never[]): unknown;
}

export const isLayer = (value: unknown): boolean => value instanceof Layer || value instanceof HostLayer;

/** The function over elements that a layer is. */
export function layerFunction(layer: LayerLike): (element: unknown) => Eventual<unknown> {
  const apply = (x: unknown): Eventual<unknown> => {
    if (layer instanceof HostLayer) {
      const { data, shape } = layer.onHost(x as HostInput); // it refuses all else
      return new NdArray(data, shape);
    }
    const tensors = mapStructure(x as Structure<NdArray | Tensor>, isArray, (leaf) =>
      leaf instanceof Tensor ? leaf : tensor(leaf.data, { shape: leaf.shape, dtype: leaf.dtype }),
    );
    return onHost((layer as Layer).invoke(tensors)); // isLayer has seen to it
  };
  return (element) => {
    if (isPlain(element) && "x" in element) return put(apply(element.x), (x) => ({ ...element, x }));
    if (Array.isArray(element) && element.some((part) => isArray(part)))
      return put(apply(element[0]), (x) => [x, ...element.slice(1)]);
    return apply(element);
  };
}

const put = (made: Eventual<unknown>, into: (x: unknown) => unknown): Eventual<unknown> =>
  made instanceof Promise ? made.then(into) : into(made);

const isArray = (value: unknown): value is NdArray | Tensor => value instanceof NdArray || value instanceof Tensor;
