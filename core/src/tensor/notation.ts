import type { Shape } from "../base/shape.ts";
import type { Agreed } from "./axes.ts";
import type { Mismatch } from "./types.ts";

// Einstein's notation in types: "bij,bjk->bik" binds each label to a size.

type Characters<T extends string> = T extends `${infer First}${infer Rest}`
  ? First extends " "
    ? Characters<Rest>
    : [First, ...Characters<Rest>]
  : [];

type Terms<T extends string> = T extends `${infer First},${infer Rest}`
  ? [Characters<First>, ...Terms<Rest>]
  : [Characters<T>];

/** The sizes bound so far, by label; a Mismatch when a label has two. */
type Bind<Labels, S extends Shape, Bound> = Labels extends [infer L extends string, ...infer Rest]
  ? S extends readonly [infer N extends number, ...infer Sizes extends Shape]
    ? L extends keyof Bound
      ? Agreed<Bound[L] & number, N> extends infer Size
        ? [Size] extends [never]
          ? Mismatch<`einsum: label ${L} has the sizes ${Bound[L] & number} and ${N}`, L, S>
          : Bind<Rest, Sizes, Omit<Bound, L> & { [K in L]: Size }>
        : never
      : Bind<Rest, Sizes, Bound & { [K in L]: N }>
    : Mismatch<"einsum: there are more labels than axes", Labels, S>
  : S extends readonly []
    ? Bound
    : Mismatch<"einsum: there are more axes than labels", Labels, S>;

type BindAll<T extends readonly unknown[], Shapes extends readonly Shape[], Bound> =
  Bound extends Mismatch<string, unknown, unknown>
    ? Bound
    : T extends readonly [infer Labels, ...infer Rest]
      ? Shapes extends readonly [infer S extends Shape, ...infer Others extends readonly Shape[]]
        ? BindAll<Rest, Others, Bind<Labels, S, Bound>>
        : Mismatch<"einsum: there are more terms than operands", T, Shapes>
      : Shapes extends readonly []
        ? Bound
        : Mismatch<"einsum: there are more operands than terms", T, Shapes>;

type Pick<Labels, Bound> = Labels extends [infer L extends keyof Bound, ...infer Rest]
  ? readonly [Bound[L] & number, ...Pick<Rest, Bound>]
  : readonly [];

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

/** The shape of einsum, or a Mismatch; Shape where the equation or a shape is not known, or axes are left to an ellipsis. */
export type Einsum<Equation extends string, Shapes extends readonly Shape[]> = string extends Equation
  ? Shape
  : HasAny<Shapes> extends true
    ? Shape
    : Equation extends `${string}...${string}`
      ? Shape
      : Equation extends `${infer Inputs}->${infer Output}`
        ? // biome-ignore lint/complexity/noBannedTypes: no label is bound at first.
          BindAll<Terms<Inputs>, Shapes, {}> extends infer Bound
          ? Bound extends Mismatch<string, unknown, unknown>
            ? Bound
            : Pick<Characters<Output>, Bound>
          : never
        : Shape;
