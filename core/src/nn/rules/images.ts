import type { Shape } from "../../base/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Possible, Print } from "../../tensor/types.ts";
import type { CallContext } from "../context.ts";
import type { HostArray } from "../preprocessing/hostData.ts";
import type { Structure } from "../structure.ts";
import type { SymbolicTensor, sizes } from "../symbolic.ts";
import type { Apply, Carrying, Refuses, Rule, TensorsOf } from "./rule.ts";
import type { IsAny, One } from "./single.ts";

// Layers on images, which are called on images alone or on records of images and what belongs to them.

/** Images have this height and width afterwards, or those before where it is `unknown`; masks of pixels likewise. */
export interface Imaged<Height = unknown, Width = unknown> extends Refuses {
  readonly out: this["in"] extends { readonly images: infer S }
    ? Framed<S, Height, Width> extends infer Images
      ? Images extends string
        ? Images
        : {
            readonly [K in keyof this["in"]]: K extends "images" | "segmentationMasks"
              ? Framed<this["in"][K], Height, Width>
              : this["in"][K];
          }
      : never
    : Framed<One<this["in"]>, Height, Width>;
}
type Framed<S, Height, Width> = S extends Shape
  ? IsAny<S> extends true
    ? Shape
    : S extends readonly [
          ...infer Batch extends Shape,
          infer H extends number,
          infer W extends number,
          infer C extends number,
        ]
      ? Batch["length"] extends 0 | 1
        ? [...Batch, Height extends number ? Height : H, Width extends number ? Width : W, C]
        : NoImages<S>
      : NoImages<S>
  : S;
type NoImages<S extends Shape> =
  `expected images [batch, height, width, channels] or [height, width, channels], received ${Print<S>}`;

/** What layers on images are called on, alone or with what belongs to them; also in the host's memory, as pipelines have it. */
type Pictures = Structure<SymbolicTensor> | Structure<Tensor> | HostArray | Labeled<Tensor | HostArray>;
interface Labeled<T> {
  readonly images: T;
  readonly labels?: T;
  readonly boundingBoxes?: { readonly boxes: T; readonly labels?: T };
  readonly segmentationMasks?: T;
}

/** How layers on images are called. */
export interface ImageApplication<R extends Rule> extends Carrying<R> {
  <const X extends Pictures>(
    x: Possible<Apply<R, PicturesOf<X>>, X>,
    context?: Partial<CallContext>,
  ): 0 extends 1 & X
    ? X // anything for anything
    : Structure<SymbolicTensor> extends X
      ? SymbolicTensor
      : Structure<Tensor> extends X
        ? Tensor
        : TensorsOf<X extends Structure<SymbolicTensor> ? "symbolic" : "real", Apply<R, PicturesOf<X>>>;
}
/** The structure with shapes in place of tensors and arrays; unknown where its form is not known. */
type PicturesOf<X> =
  Structure<SymbolicTensor> extends X
    ? unknown
    : Structure<Tensor> extends X
      ? unknown
      : X extends { readonly [sizes]: infer S }
        ? S
        : X extends { readonly shape: infer S extends Shape }
          ? S
          : { readonly [K in keyof X]: PicturesOf<X[K]> };

/** A layer of class `L` that makes of images what the rule says. */
export type Imaging<L, R extends Rule = Imaged> = L & ImageApplication<R>;
