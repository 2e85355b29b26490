import { Layer } from "../../nn/layer.ts";
import { type HostInput, HostLayer } from "../../nn/preprocessing/hostLayer.ts";
import { isPlain, mapStructure, type Structure } from "../../nn/structure.ts";
import { jit, Tensor, tensor, withKey } from "../../tensor/index.ts";
import { onHost } from "../element.ts";
import type { Eventual } from "../eventual.ts";
import { NdArray } from "../ndarray.ts";
import type { MapContext } from "./context.ts";

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

/**
 * The function over elements that a layer is. What it draws from the default generator follows the number of the element
 * in its pass, so that a pass may be gone on with from any place.
 */
export function layerFunction(layer: LayerLike): (element: unknown, context: MapContext) => Eventual<unknown> {
  const call = (x: Structure<Tensor>, key: Tensor): Structure<Tensor> =>
    withKey(key, () => (layer as Layer).invoke(x)) as Structure<Tensor>; // isLayer has seen to it; layers give tensors
  const compiled = jit(call, { name: "map" });
  let built = false;
  const apply = (x: unknown, context: MapContext): Eventual<unknown> => {
    if (layer instanceof HostLayer) {
      const { data, shape } = layer.onHost(x as HostInput); // it refuses all else
      return new NdArray(data, shape);
    }
    const tensors = mapStructure(
      x as Structure<NdArray | Tensor>,
      isArray,
      (leaf): Tensor => (leaf instanceof Tensor ? leaf : tensor(leaf.data, { shape: leaf.shape, dtype: leaf.dtype })),
    );
    const bits = Uint32Array.from({ length: 2 }, () => context.random() * 2 ** 32);
    const key = tensor(bits, { shape: [2] }) as Tensor;
    // The first call makes the layer's Variables.
    const made = built ? compiled(tensors, key) : call(tensors, key);
    built = true;
    return onHost(made);
  };
  return (element, context) => {
    if (isPlain(element) && "x" in element) return put(apply(element.x, context), (x) => ({ ...element, x }));
    if (Array.isArray(element) && element.some((part) => isArray(part)))
      return put(apply(element[0], context), (x) => [x, ...element.slice(1)]);
    return apply(element, context);
  };
}

const put = (made: Eventual<unknown>, into: (x: unknown) => unknown): Eventual<unknown> =>
  made instanceof Promise ? made.then(into) : into(made);

const isArray = (value: unknown): value is NdArray | Tensor => value instanceof NdArray || value instanceof Tensor;
