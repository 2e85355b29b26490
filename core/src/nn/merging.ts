import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import { concatenate, type Tensor } from "../tensor/index.ts";
import { integer } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { Layer, type LayerOptions, type Variables } from "./layer.ts";

function demandSeveral(shapes: readonly Shape[]): void {
  const shape = (value: unknown): boolean => Array.isArray(value) && value.every((size) => typeof size === "number");
  if (Array.isArray(shapes) && shapes.every(shape) && shapes.length >= 2) return;
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

/** The sum of several tensors of one shape (broadcast where sizes are 1). */
export class Add extends Layer {
  static readonly fields = {};

  override check(shapes: readonly Shape[]): void {
    demandSeveral(shapes);
    const [first] = shapes;
    const joins = (shape: Shape): boolean =>
      shape.length === first!.length &&
      shape.every((size, axis) => size === first![axis] || size === 1 || first![axis] === 1);
    if (!shapes.every(joins)) throw different(shapes, "shapes differ");
  }

  override call(xs: readonly Tensor[]): Tensor {
    return xs.slice(1).reduce((sum, x) => sum.add(x), xs[0]!);
  }
}

const concatenateFields = {
  /** The axis along which the inputs follow each other. Default −1. */
  axis: integer(-1),
};

export interface ConcatenateOptions extends LayerOptions, GivenOf<typeof concatenateFields> {}

/** Several tensors one after the other along `axis`; their other sizes are equal. */
export class Concatenate extends Layer<Variables, typeof concatenateFields> {
  static readonly fields = concatenateFields;

  constructor(options: ConcatenateOptions = {}) {
    super(options);
  }

  override check(shapes: readonly Shape[]): void {
    demandSeveral(shapes);
    const [first] = shapes;
    const axis = this.options.axis < 0 ? this.options.axis + first!.length : this.options.axis;
    const fits = (shape: Shape): boolean =>
      shape.length === first!.length && shape.every((size, index) => index === axis || size === first![index]);
    if (axis >= 0 && axis < first!.length && shapes.every(fits)) return;
    throw different(shapes, `shapes differ outside axis ${this.options.axis}`);
  }

  override call(xs: readonly Tensor[]): Tensor {
    return concatenate(xs, this.options.axis);
  }
}
