import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape, sizeOf } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import type { Tensor } from "../tensor/index.ts";
import { demandMinimumRank, demandRank } from "./checks.ts";
import { count, integers } from "./fieldKinds.ts";
import { AnyLayer, type LayerOptions, type Variables } from "./layer.ts";
import type { Structure } from "./structure.ts";

/** [batch, ...sizes] → [batch, product of the sizes]. */
export class Flatten extends AnyLayer {
  static override readonly name: string = "Flatten";
  static readonly fields = {};

  override check(input: Structure<Shape>): void {
    demandMinimumRank(input, 1);
  }

  override call(x: Tensor): Tensor {
    return x.reshape([x.shape[0]!, sizeOf(x.shape.slice(1))]);
  }
}

const reshapeFields = {
  targetShape: integers((name, sizes) => {
    const invalid = sizes.some((size) => size === 0 || size < -1);
    if (!invalid && sizes.filter((size) => size === -1).length <= 1) return sizes;
    throw new ArgumentError(`${name} takes positive integers and at most one -1, received [${sizes.join(", ")}]`);
  }),
};

/** [batch, ...] → [batch, ...targetShape]; one size may be −1. */
export class Reshape extends AnyLayer<Variables, typeof reshapeFields> {
  static override readonly name: string = "Reshape";
  static readonly fields = reshapeFields;
  static readonly positional = ["targetShape"];

  constructor(targetShape: Shape, options: LayerOptions = {}) {
    super(options, { targetShape });
  }

  override check(input: Structure<Shape>): void {
    demandMinimumRank(input, 1);
    const { targetShape } = this.options;
    const given = sizeOf(input.slice(1));
    const known = sizeOf(targetShape.filter((size) => size !== -1));
    const open = targetShape.includes(-1);
    if (open ? given % known === 0 : given === known) return;
    throw new ShapeError(
      `${scopeNow()}: ${given} values of ${printShape(input)} do not fit ${printShape(targetShape)}`,
    );
  }

  override call(x: Tensor): Tensor {
    return x.reshape([x.shape[0]!, ...this.options.targetShape]);
  }
}

const permuteFields = {
  dims: integers((name, dims) => {
    const sorted = [...dims].sort((a, b) => a - b);
    if (sorted.every((axis, at) => axis === at + 1)) return dims;
    throw new ArgumentError({
      what: `${name} must hold the axes 1 to ${dims.length} in some order, received [${dims.join(", ")}]`,
      hint: "the batch is axis 0 and stays where it is",
    });
  }),
};

/** The axes in another order: with dims [2, 1], [batch, a, b] → [batch, b, a]. */
export class Permute extends AnyLayer<Variables, typeof permuteFields> {
  static override readonly name: string = "Permute";
  static readonly fields = permuteFields;
  static readonly positional = ["dims"];

  constructor(dims: readonly number[], options: LayerOptions = {}) {
    super(options, { dims });
  }

  override check(input: Structure<Shape>): void {
    const { dims } = this.options;
    demandRank(input, ["batch", ...dims.map((axis) => `axis ${axis}`)]);
  }

  override call(x: Tensor): Tensor {
    return x.transpose([0, ...this.options.dims]);
  }
}

const repeatFields = { n: count() };

/** [batch, features] → [batch, n, features]: the same vector at every step. */
export class RepeatVector extends AnyLayer<Variables, typeof repeatFields> {
  static override readonly name: string = "RepeatVector";
  static readonly fields = repeatFields;
  static readonly positional = ["n"];

  constructor(n: number, options: LayerOptions = {}) {
    super(options, { n });
  }

  override check(input: Structure<Shape>): void {
    demandRank(input, ["batch", "features"]);
  }

  override call(x: Tensor): Tensor {
    const [batch, features] = x.shape as readonly [number, number]; // two axes were demanded
    return x.expandDims(1).broadcastTo([batch, this.options.n, features]);
  }
}
