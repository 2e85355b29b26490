/**
 * Values of which some do not count, as padding in a batch of sentences: `mask` is true where they do. A type of its own,
 * of tensors and of symbolic tensors: who is given one must say what becomes of the mask.
 */
export class Masked<T> {
  readonly values: T;
  /** [batch, time] for values [batch, time, ...]; bool. */
  readonly mask: T;

  constructor(values: T, mask: T) {
    this.values = values;
    this.mask = mask;
  }
}

/** The values of `x`, without their mask. */
export const valuesOf = <T>(x: T | Masked<T>): T => (x instanceof Masked ? x.values : x);

/** The mask of `x`; undefined where all values count. */
export const maskOf = <T>(x: T | Masked<T>): T | undefined => (x instanceof Masked ? x.mask : undefined);

/** `values` with `mask`, or as they are where there is none. */
export const masked = <T>(values: T, mask: T | undefined): T | Masked<T> =>
  mask === undefined ? values : new Masked(values, mask);
