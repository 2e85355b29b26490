import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape, sizeOf } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import type { Tensor } from "../tensor/index.ts";
import { demandMinimumRank } from "./checks.ts";
import { type Config, Layer, type LayerOptions } from "./layer.ts";

/** [batch, ...sizes] → [batch, product of the sizes]. */
export class Flatten extends Layer {
  override check(input: Shape): void {
    demandMinimumRank(input, 1);
  }

  override call(x: Tensor): Tensor {
    return x.reshape([x.shape[0]!, sizeOf(x.shape.slice(1))]);
  }

  override config(): Config {
    return {};
  }
}

/** [batch, ...] → [batch, ...targetShape]; one size may be −1. */
export class Reshape extends Layer {
  readonly targetShape: Shape;

  constructor(targetShape: Shape, options: LayerOptions = {}) {
    super(options);
    const invalid = targetShape.some((size) => !Number.isInteger(size) || size === 0 || size < -1);
    if (invalid || targetShape.filter((size) => size === -1).length > 1) {
      throw new ArgumentError(
        `targetShape takes positive integers and at most one -1, received [${targetShape.join(", ")}]`,
      );
    }
    this.targetShape = targetShape;
  }

  override check(input: Shape): void {
    demandMinimumRank(input, 1);
    const given = sizeOf(input.slice(1));
    const known = sizeOf(this.targetShape.filter((size) => size !== -1));
    const open = this.targetShape.includes(-1);
    if (open ? given % known === 0 : given === known) return;
    throw new ShapeError(
      `${scopeNow()}: ${given} values of ${printShape(input)} do not fit ${printShape(this.targetShape)}`,
    );
  }

  override call(x: Tensor): Tensor {
    return x.reshape([x.shape[0]!, ...this.targetShape]);
  }

  override config(): Config {
    return { targetShape: this.targetShape };
  }
}
