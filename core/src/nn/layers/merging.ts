import type { Tensor } from "../../tensor/index.ts";
import { Dot, type DotOptions } from "../dot.ts";
import type { AnyLayer, LayerOptions } from "../layer.ts";
import * as classes from "../merging.ts";
import type { Concatenation, Dot as DotRule, Elementwise } from "../rules/merging.ts";
import type { Admitted, Result, Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { MaskedStructure } from "../structure.ts";
import type { SymbolicTensor } from "../symbolic.ts";

/** Symbolic or real tensors in a list. */
type Several = readonly MaskedStructure<SymbolicTensor>[] | readonly MaskedStructure<Tensor>[];

// Merging layers, or at once what they make of a list, as Keras's lower-case functions do: `layers.add([x, y])`.

/** What a maker of merging layers makes of its arguments: options, or a list and options. */
const merged = <L extends AnyLayer>(
  make: (options: object | undefined) => L,
  first: object | undefined,
  second: object | undefined,
): unknown => (Array.isArray(first) ? make(second).invoke(first) : make(first));

export function add(options?: LayerOptions): Shaped<classes.Add, Elementwise>;
export function add<const X extends Several>(
  xs: Admitted<Elementwise, X>,
  options?: LayerOptions,
): Result<Elementwise, X>;
export function add(first?: object, second?: object): unknown {
  return merged((options) => new classes.Add(options), first, second);
}

export function subtract(options?: LayerOptions): Shaped<classes.Subtract, Elementwise>;
export function subtract<const X extends Several>(
  xs: Admitted<Elementwise, X>,
  options?: LayerOptions,
): Result<Elementwise, X>;
export function subtract(first?: object, second?: object): unknown {
  return merged((options) => new classes.Subtract(options), first, second);
}

export function multiply(options?: LayerOptions): Shaped<classes.Multiply, Elementwise>;
export function multiply<const X extends Several>(
  xs: Admitted<Elementwise, X>,
  options?: LayerOptions,
): Result<Elementwise, X>;
export function multiply(first?: object, second?: object): unknown {
  return merged((options) => new classes.Multiply(options), first, second);
}

export function average(options?: LayerOptions): Shaped<classes.Average, Elementwise>;
export function average<const X extends Several>(
  xs: Admitted<Elementwise, X>,
  options?: LayerOptions,
): Result<Elementwise, X>;
export function average(first?: object, second?: object): unknown {
  return merged((options) => new classes.Average(options), first, second);
}

export function maximum(options?: LayerOptions): Shaped<classes.Maximum, Elementwise>;
export function maximum<const X extends Several>(
  xs: Admitted<Elementwise, X>,
  options?: LayerOptions,
): Result<Elementwise, X>;
export function maximum(first?: object, second?: object): unknown {
  return merged((options) => new classes.Maximum(options), first, second);
}

export function minimum(options?: LayerOptions): Shaped<classes.Minimum, Elementwise>;
export function minimum<const X extends Several>(
  xs: Admitted<Elementwise, X>,
  options?: LayerOptions,
): Result<Elementwise, X>;
export function minimum(first?: object, second?: object): unknown {
  return merged((options) => new classes.Minimum(options), first, second);
}

export function concatenate<Axis extends number = -1>(
  options?: classes.ConcatenateOptions & { readonly axis?: Axis | undefined },
): Shaped<classes.Concatenate, Concatenation<Axis>>;
export function concatenate<const X extends Several, Axis extends number = -1>(
  xs: Admitted<Concatenation<Axis>, X>,
  options?: classes.ConcatenateOptions & { readonly axis?: Axis | undefined },
): Result<Concatenation<Axis>, X>;
export function concatenate(first?: object, second?: object): unknown {
  return merged((options) => new classes.Concatenate(options), first, second);
}

export const dot = <const Axes extends number | readonly number[]>(
  axes: Axes,
  options?: DotOptions,
): Shaped<Dot, DotRule<Axes>> => shaped(new Dot(axes, options));
