import type { Shape } from "../../base/shape.ts";
import type { IsAny, Print } from "../../tensor/types.ts";
import type { Keeps, Refuses } from "./rule.ts";

// What rules of layers of one tensor share, and the rules that leave the shape as it is.

/** The shape of the one tensor that a layer was given, Shape where it is not known. */
export type One<In> = unknown extends In ? Shape : In extends Shape ? In : "expected one tensor, received several";

/** The same result, same mask. */
export interface Same extends Keeps {
  readonly out: One<this["in"]>;
}

/** The same shape, for layers that cannot take masks into account. */
export interface SameUnmasked extends Refuses {
  readonly out: One<this["in"]>;
}

/** One tensor of any shape, about which nothing can be said. */
export interface Unknown extends Refuses {
  readonly out: One<this["in"]> extends Shape ? Shape : One<this["in"]>;
}

export type { IsAny };

interface SpatialAxes {
  1: { shape: [number, number, number]; names: "3 axes (batch, steps, channels)" };
  2: { shape: [number, number, number, number]; names: "4 axes (batch, height, width, channels)" };
  3: {
    shape: [number, number, number, number, number];
    names: "5 axes (batch, depth, height, width, channels)";
  };
}
export type Rank = keyof SpatialAxes;

/** The shape of one tensor of steps, images or volumes; of any size where the rank is not known. */
export type Images<In, R extends Rank> =
  One<In> extends infer S
    ? S extends Shape
      ? IsAny<S> extends true
        ? SpatialAxes[R]["shape"]
        : S["length"] extends SpatialAxes[R]["shape"]["length"]
          ? S
          : `expected ${SpatialAxes[R]["names"]}, received ${S["length"]}: ${Print<S>}`
      : S
    : never;

/** The shape of one tensor with at least a batch and features. */
export type Featured<In> =
  One<In> extends infer S
    ? S extends readonly [] | readonly [number]
      ? `expected at least 2 axes (batch, features), received ${S["length"]}: ${Print<S>}`
      : S
    : never;

/** The shape of one tensor with at least a batch, time and features; of those where the rank is not known. */
export type Sequence<In> =
  One<In> extends infer S
    ? S extends Shape
      ? IsAny<S> extends true
        ? [number, number, number]
        : S extends readonly [number, number, number, ...Shape]
          ? S
          : `expected at least 3 axes (batch, time, features), received ${S["length"]}: ${Print<S>}`
      : S
    : never;
