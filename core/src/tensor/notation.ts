import type { Shape } from "../base/shape.ts";
import type { Agreed } from "./axes.ts";
import type { Print } from "./types.ts";

// Einstein's notation in types: "bij,bjk->bik" binds each label to a size.

type Characters<T extends string> = T extends `${infer First}${infer Rest}`
  ? First extends " "
    ? Characters<Rest>
    : [First, ...Characters<Rest>]
  : [];

type Terms<T extends string> = T extends `${infer First},${infer Rest}`
  ? [Characters<First>, ...Terms<Rest>]
  : [Characters<T>];

/** The sizes bound so far, by label; a sentence when a label has two. */
type Bind<Labels, S extends Shape, Bound, All extends Shape = S> = Labels extends [
  infer L extends string,
  ...infer Rest,
]
  ? S extends readonly [infer N extends number, ...infer Sizes extends Shape]
    ? L extends keyof Bound
      ? Agreed<Bound[L] & number, N> extends infer Size
        ? [Size] extends [never]
          ? `einsum: label ${L} has the sizes ${Bound[L] & number} and ${N}`
          : Bind<Rest, Sizes, Omit<Bound, L> & { [K in L]: Size }, All>
        : never
      : Bind<Rest, Sizes, Bound & { [K in L]: N }, All>
    : `einsum: there are more labels than axes in ${Print<All>}`
  : S extends readonly []
    ? Bound
    : `einsum: there are more axes than labels in ${Print<All>}`;

type BindAll<T extends readonly unknown[], Shapes extends readonly Shape[], Bound> = Bound extends string
  ? Bound
  : T extends readonly [infer Labels, ...infer Rest]
    ? Shapes extends readonly [infer S extends Shape, ...infer Others extends readonly Shape[]]
      ? BindAll<Rest, Others, Bind<Labels, S, Bound>>
      : "einsum: there are more terms than operands"
    : Shapes extends readonly []
      ? Bound
      : "einsum: there are more operands than terms";

type Pick<Labels, Bound> = Labels extends [infer L extends keyof Bound, ...infer Rest]
  ? [Bound[L] & number, ...Pick<Rest, Bound>]
  : [];

type HasAny<Shapes extends readonly Shape[]> = Shapes extends readonly [
  infer S extends Shape,
  ...infer Rest extends readonly Shape[],
]
  ? number extends S["length"]
    ? true
    : HasAny<Rest>
  : number extends Shapes["length"]
    ? true
    : false;

/** The shape of einsum, or a sentence; Shape where the equation or a shape is not known, or axes are left to an ellipsis. */
export type Einsum<Equation extends string, Shapes extends readonly Shape[]> = string extends Equation
  ? Shape
  : HasAny<Shapes> extends true
    ? Shape
    : Equation extends `${string}...${string}`
      ? Shape
      : Equation extends `${infer Inputs}->${infer Output}`
        ? // biome-ignore lint/complexity/noBannedTypes: no label is bound at first.
          BindAll<Terms<Inputs>, Shapes, {}> extends infer Bound
          ? Bound extends string
            ? Bound
            : Pick<Characters<Output>, Bound>
          : never
        : Shape;
