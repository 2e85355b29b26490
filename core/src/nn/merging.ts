import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import { concatenate, type Tensor } from "../tensor/index.ts";
import { type Config, Layer, type LayerOptions } from "./layer.ts";

function demandSeveral(shapes: readonly Shape[]): void {
  if (Array.isArray(shapes[0]) && shapes.length >= 2) return;
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

  override config(): Config {
    return {};
  }
}

export interface ConcatenateOptions extends LayerOptions {
  /** The axis along which the inputs follow each other. Default −1. */
  readonly axis?: number | undefined;
}

/** Several tensors one after the other along `axis`; their other sizes are equal. */
export class Concatenate extends Layer {
  readonly axis: number;

  constructor(options: ConcatenateOptions = {}) {
    super(options);
    this.axis = options.axis ?? -1;
    if (!Number.isInteger(this.axis)) throw new ArgumentError(`axis must be an integer, received ${this.axis}`);
  }

  override check(shapes: readonly Shape[]): void {
    demandSeveral(shapes);
    const [first] = shapes;
    const axis = this.axis < 0 ? this.axis + first!.length : this.axis;
    const fits = (shape: Shape): boolean =>
      shape.length === first!.length && shape.every((size, index) => index === axis || size === first![index]);
    if (axis >= 0 && axis < first!.length && shapes.every(fits)) return;
    throw different(shapes, `shapes differ outside axis ${this.axis}`);
  }

  override call(xs: readonly Tensor[]): Tensor {
    return concatenate(xs, this.axis);
  }

  override config(): Config {
    return { axis: this.axis };
  }
}
