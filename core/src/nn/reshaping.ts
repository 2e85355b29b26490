import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape, sizeOf } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import type { Tensor } from "../tensor/index.ts";
import { demandMinimumRank } from "./checks.ts";
import { integers } from "./fieldKinds.ts";
import { Layer, type LayerOptions, type Variables } from "./layer.ts";

/** [batch, ...sizes] → [batch, product of the sizes]. */
export class Flatten extends Layer<Variables, Record<never, never>> {
  static readonly fields = {};

  override check(input: Shape): void {
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
export class Reshape extends Layer<Variables, typeof reshapeFields> {
  static readonly fields = reshapeFields;
  static readonly positional = ["targetShape"];

  constructor(targetShape: Shape, options: LayerOptions = {}) {
    super(options, { targetShape });
  }

  override check(input: Shape): void {
    demandMinimumRank(input, 1);
    const given = sizeOf(input.slice(1));
    const known = sizeOf(this.options.targetShape.filter((size) => size !== -1));
    const open = this.options.targetShape.includes(-1);
    if (open ? given % known === 0 : given === known) return;
    throw new ShapeError(
      `${scopeNow()}: ${given} values of ${printShape(input)} do not fit ${printShape(this.options.targetShape)}`,
    );
  }

  override call(x: Tensor): Tensor {
    return x.reshape([x.shape[0]!, ...this.options.targetShape]);
  }
}
