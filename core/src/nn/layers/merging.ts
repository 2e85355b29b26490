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

/** The sum of several tensors. */
export function add(options?: LayerOptions): Shaped<classes.Add, Elementwise>;
/** The sum of several tensors. */
export function add<const X extends Several>(
  xs: Admitted<Elementwise, X>,
  options?: LayerOptions,
): Result<Elementwise, X>;
/** The sum of several tensors. */
export function add(first?: object, second?: object): unknown {
  return merged((options) => new classes.Add(options), first, second);
}

/** The first tensor minus the second. */
export function subtract(options?: LayerOptions): Shaped<classes.Subtract, Elementwise>;
/** The first tensor minus the second. */
export function subtract<const X extends Several>(
  xs: Admitted<Elementwise, X>,
  options?: LayerOptions,
): Result<Elementwise, X>;
/** The first tensor minus the second. */
export function subtract(first?: object, second?: object): unknown {
  return merged((options) => new classes.Subtract(options), first, second);
}

/** The product of several tensors, element by element. */
export function multiply(options?: LayerOptions): Shaped<classes.Multiply, Elementwise>;
/** The product of several tensors, element by element. */
export function multiply<const X extends Several>(
  xs: Admitted<Elementwise, X>,
  options?: LayerOptions,
): Result<Elementwise, X>;
/** The product of several tensors, element by element. */
export function multiply(first?: object, second?: object): unknown {
  return merged((options) => new classes.Multiply(options), first, second);
}

/** The mean of several tensors. */
export function average(options?: LayerOptions): Shaped<classes.Average, Elementwise>;
/** The mean of several tensors. */
export function average<const X extends Several>(
  xs: Admitted<Elementwise, X>,
  options?: LayerOptions,
): Result<Elementwise, X>;
/** The mean of several tensors. */
export function average(first?: object, second?: object): unknown {
  return merged((options) => new classes.Average(options), first, second);
}

/** The largest of several tensors, element by element; positions that do not count never win. */
export function maximum(options?: LayerOptions): Shaped<classes.Maximum, Elementwise>;
/** The largest of several tensors, element by element; positions that do not count never win. */
export function maximum<const X extends Several>(
  xs: Admitted<Elementwise, X>,
  options?: LayerOptions,
): Result<Elementwise, X>;
/** The largest of several tensors, element by element; positions that do not count never win. */
export function maximum(first?: object, second?: object): unknown {
  return merged((options) => new classes.Maximum(options), first, second);
}

/** The smallest of several tensors, element by element; positions that do not count never win. */
export function minimum(options?: LayerOptions): Shaped<classes.Minimum, Elementwise>;
/** The smallest of several tensors, element by element; positions that do not count never win. */
export function minimum<const X extends Several>(
  xs: Admitted<Elementwise, X>,
  options?: LayerOptions,
): Result<Elementwise, X>;
/** The smallest of several tensors, element by element; positions that do not count never win. */
export function minimum(first?: object, second?: object): unknown {
  return merged((options) => new classes.Minimum(options), first, second);
}

/** Several tensors one after the other along `axis`; their other sizes are equal. Along time, masks follow each other too. */
export function concatenate<Axis extends number = -1>(
  options?: classes.ConcatenateOptions & { readonly axis?: Axis | undefined },
): Shaped<classes.Concatenate, Concatenation<Axis>>;
/** Several tensors one after the other along `axis`; their other sizes are equal. Along time, masks follow each other too. */
export function concatenate<const X extends Several, Axis extends number = -1>(
  xs: Admitted<Concatenation<Axis>, X>,
  options?: classes.ConcatenateOptions & { readonly axis?: Axis | undefined },
): Result<Concatenation<Axis>, X>;
/** Several tensors one after the other along `axis`; their other sizes are equal. Along time, masks follow each other too. */
export function concatenate(first?: object, second?: object): unknown {
  return merged((options) => new classes.Concatenate(options), first, second);
}

/** Products of two tensors, summed over one axis of each, example by example. */
export const dot = <const Axes extends number | readonly number[]>(
  axes: Axes,
  options?: DotOptions,
): Shaped<Dot, DotRule<Axes>> => shaped(new Dot(axes, options));
