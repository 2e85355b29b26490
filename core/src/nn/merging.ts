import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import { concatenate, onesLike, type Tensor, where } from "../tensor/index.ts";
import { integer } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { AnyLayer, type LayerOptions, type Variables } from "./layer.ts";
import { type Masked, masked, maskOf, valuesOf } from "./masked.ts";
import type { Structure } from "./structure.ts";

type Values = readonly (Tensor | Masked<Tensor>)[];

const isShape = (value: unknown): value is Shape =>
  Array.isArray(value) && value.every((size) => typeof size === "number");

function demandSeveral(shapes: Structure<Shape>): asserts shapes is readonly Shape[] {
  if (Array.isArray(shapes) && shapes.length >= 2 && shapes.every(isShape)) return;
  throw new ArgumentError({
    what: `${scopeNow()}: expected a list of two or more tensors`,
    hint: "call it on a list: add([x, residual])",
  });
}

const different = (shapes: readonly Shape[], why: string): ShapeError =>
  new ShapeError({
    what: `${scopeNow()}: ${why}`,
    details: shapes.map((shape, index) => ({ role: `input ${index}`, value: printShape(shape) })),
  });

/** [batch, ...rest] → [batch, 1, …, ...rest] of the given rank. */
const raised = (shape: Shape, rank: number): Shape => [
  ...shape.slice(0, 1),
  ...new Array<number>(rank - shape.length).fill(1),
  ...shape.slice(1),
];

/** Joins several tensors element by element; sizes of 1 repeat, and missing axes come after the batch. */
abstract class Merge extends AnyLayer<Variables, Record<never, never>> {
  static readonly fields = {};
  static readonly masking = "own";

  override check(shapes: Structure<Shape>): void {
    demandSeveral(shapes);
    const rank = Math.max(...shapes.map(({ length }) => length));
    const full = shapes.map((shape) => raised(shape, rank));
    const joins = full[0]!.every(
      (_, axis) => new Set(full.map((shape) => shape[axis]!).filter((n) => n !== 1)).size < 2,
    );
    if (!joins) throw different(shapes, "shapes differ");
  }

  override call(xs: Values): Tensor | Masked<Tensor> {
    const values = xs.map((x) => floating(valuesOf(x)));
    const rank = Math.max(...values.map((x) => x.rank));
    const full = values.map((x) => (x.rank === rank ? x : (x.reshape(raised(x.shape, rank)) as Tensor)));
    const masks = xs.map(maskOf);
    return masked(this.merge(full, masks), eitherOf(masks));
  }

  /** The tensors, of one rank, as one. */
  protected abstract merge(xs: readonly Tensor[], masks: readonly (Tensor | undefined)[]): Tensor;
}

/** A position counts where it counts in one input; where an input has no mask, all of its positions do. */
function eitherOf(masks: readonly (Tensor | undefined)[]): Tensor | undefined {
  const known = masks.filter((mask) => mask !== undefined);
  if (known.length < masks.length) return undefined;
  return known.reduce((either, mask) => either.logicalOr(mask) as Tensor);
}

const folded = (xs: readonly Tensor[], join: (a: Tensor, b: Tensor) => Tensor): Tensor => xs.reduce(join);

/** The sum of several tensors. */
export class Add extends Merge {
  static override readonly name: string = "Add";
  protected override merge(xs: readonly Tensor[]): Tensor {
    return folded(xs, (a, b) => a.add(b) as Tensor);
  }
}

/** The first tensor minus the second. */
export class Subtract extends Merge {
  static override readonly name: string = "Subtract";
  override check(shapes: Structure<Shape>): void {
    super.check(shapes);
    if ((shapes as readonly Shape[]).length !== 2)
      throw new ArgumentError(`${scopeNow()}: expected two tensors, received ${(shapes as readonly Shape[]).length}`);
  }

  protected override merge(xs: readonly Tensor[]): Tensor {
    return folded(xs, (a, b) => a.sub(b) as Tensor);
  }
}

/** The product of several tensors, element by element. */
export class Multiply extends Merge {
  static override readonly name: string = "Multiply";
  protected override merge(xs: readonly Tensor[]): Tensor {
    return folded(xs, (a, b) => a.mul(b) as Tensor);
  }
}

/** The mean of several tensors. */
export class Average extends Merge {
  static override readonly name: string = "Average";
  protected override merge(xs: readonly Tensor[]): Tensor {
    return folded(xs, (a, b) => a.add(b) as Tensor).div(xs.length);
  }
}

/** Among several tensors, that which counts wins where others are masked. */
function chosen(
  xs: readonly Tensor[],
  masks: readonly (Tensor | undefined)[],
  join: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  if (masks.every((mask) => mask === undefined)) return folded(xs, join);
  const counting = xs.map((x, index) => {
    const mask = masks[index] ?? onesLike(masks.find((other) => other !== undefined)!); // one is there
    return mask.reshape([...mask.shape, ...new Array<number>(x.rank - mask.rank).fill(1)]) as Tensor;
  });
  let [best, known] = [xs[0]!, counting[0]!];
  xs.slice(1).forEach((x, index) => {
    const counts = counting[index + 1]!;
    const both = join(where(counts, x, best) as Tensor, where(known, best, x) as Tensor);
    [best, known] = [both, known.logicalOr(counts) as Tensor];
  });
  return best;
}

/** The largest of several tensors, element by element; positions that do not count never win. */
export class Maximum extends Merge {
  static override readonly name: string = "Maximum";
  protected override merge(xs: readonly Tensor[], masks: readonly (Tensor | undefined)[]): Tensor {
    return chosen(xs, masks, (a, b) => a.maximum(b) as Tensor);
  }
}

/** The smallest of several tensors, element by element; positions that do not count never win. */
export class Minimum extends Merge {
  static override readonly name: string = "Minimum";
  protected override merge(xs: readonly Tensor[], masks: readonly (Tensor | undefined)[]): Tensor {
    return chosen(xs, masks, (a, b) => a.minimum(b) as Tensor);
  }
}

const concatenateFields = {
  /** The axis along which the inputs follow each other. Default −1. */
  axis: integer(-1),
};

export interface ConcatenateOptions extends LayerOptions, GivenOf<typeof concatenateFields> {}

/** Several tensors one after the other along `axis`; their other sizes are equal. Along time, masks follow each other too. */
export class Concatenate extends AnyLayer<Variables, typeof concatenateFields> {
  static override readonly name: string = "Concatenate";
  static readonly fields = concatenateFields;
  static readonly masking = "own";

  constructor(options: ConcatenateOptions = {}) {
    super(options);
  }

  override check(shapes: Structure<Shape>): void {
    demandSeveral(shapes);
    const [first] = shapes;
    const axis = this.options.axis < 0 ? this.options.axis + first!.length : this.options.axis;
    const fits = (shape: Shape): boolean =>
      shape.length === first!.length && shape.every((size, index) => index === axis || size === first![index]);
    if (axis >= 0 && axis < first!.length && shapes.every(fits)) return;
    throw different(shapes, `shapes differ outside axis ${this.options.axis}`);
  }

  override call(xs: Values): Tensor | Masked<Tensor> {
    const values = xs.map(valuesOf);
    const rank = values[0]!.rank; // two or more were demanded
    const axis = this.options.axis < 0 ? this.options.axis + rank : this.options.axis;
    return masked(concatenate(values, axis) as Tensor, joinedMask(xs, axis));
  }
}

function joinedMask(xs: Values, axis: number): Tensor | undefined {
  const masks = xs.map(maskOf);
  if (masks.every((mask) => mask === undefined)) return undefined;
  const length = masks.find((mask) => mask !== undefined)!.rank;
  if (axis >= length) return eitherOf(masks);
  const full = xs.map((x, index) => {
    const leading = valuesOf(x).slice([...new Array(length).fill({}), ...new Array(valuesOf(x).rank - length).fill(0)]);
    return masks[index] ?? (onesLike(leading).cast("bool") as Tensor);
  });
  return concatenate(full, axis) as Tensor;
}
