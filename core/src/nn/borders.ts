import { ShapeError } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import type { Tensor } from "../tensor/index.ts";
import { pairs } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { demandImages, type Rank } from "./images.ts";
import { AnyLayer, type LayerOptions, type Variables } from "./layer.ts";

// Zeros added around, and borders cut off, steps, images and volumes.

const paddingFields = (rank: Rank) => ({
  /** Zeros before and after each axis: one number, one an axis, or a [before, after] pair an axis. Default 1. */
  padding: pairs(rank, 1),
});
type PaddingFields = ReturnType<typeof paddingFields>;
type Amount = GivenOf<PaddingFields>["padding"];

/** Adds zeros around [batch, ...spatial, channels]. */
abstract class ZeroPadding extends AnyLayer<Variables, PaddingFields> {
  static readonly positional = ["padding"];
  abstract readonly rank: Rank;

  constructor(padding?: Amount, options: LayerOptions = {}) {
    super(options, { padding });
  }

  override check(input: Shape): void {
    demandImages(input, this.rank);
  }

  override call(x: Tensor): Tensor {
    return x.pad([[0, 0], ...this.options.padding, [0, 0]]);
  }
}

export class ZeroPadding1D extends ZeroPadding {
  static override readonly name: string = "ZeroPadding1D";
  static readonly fields = paddingFields(1);
  get rank() {
    return 1 as const;
  }
}

export class ZeroPadding2D extends ZeroPadding {
  static override readonly name: string = "ZeroPadding2D";
  static readonly fields = paddingFields(2);
  get rank() {
    return 2 as const;
  }
}

export class ZeroPadding3D extends ZeroPadding {
  static override readonly name: string = "ZeroPadding3D";
  static readonly fields = paddingFields(3);
  get rank() {
    return 3 as const;
  }
}

const croppingFields = (rank: Rank) => ({
  /** What is cut before and after each axis, as for padding. Default 1; for images 0, as in Keras. */
  cropping: pairs(rank, rank === 2 ? 0 : 1),
});
type CroppingFields = ReturnType<typeof croppingFields>;

/** Cuts the borders off [batch, ...spatial, channels]. */
abstract class Cropping extends AnyLayer<Variables, CroppingFields> {
  static readonly positional = ["cropping"];
  abstract readonly rank: Rank;

  constructor(cropping?: Amount, options: LayerOptions = {}) {
    super(options, { cropping });
  }

  override check(input: Shape): void {
    demandImages(input, this.rank);
    const { cropping } = this.options;
    if (cropping.every(([before, after], axis) => before + after < input[axis + 1]!)) return;
    throw new ShapeError(
      `${scopeNow()}: cutting ${cropping.map(([before, after]) => `${before} + ${after}`).join(", ")} leaves nothing of ${printShape(input)}`,
    );
  }

  override call(x: Tensor): Tensor {
    const parts = this.options.cropping.map(([before, after], axis) => ({
      start: before,
      stop: x.shape[axis + 1]! - after,
    }));
    return x.slice([{}, ...parts]);
  }
}

export class Cropping1D extends Cropping {
  static override readonly name: string = "Cropping1D";
  static readonly fields = croppingFields(1);
  get rank() {
    return 1 as const;
  }
}

export class Cropping2D extends Cropping {
  static override readonly name: string = "Cropping2D";
  static readonly fields = croppingFields(2);
  get rank() {
    return 2 as const;
  }
}

export class Cropping3D extends Cropping {
  static override readonly name: string = "Cropping3D";
  static readonly fields = croppingFields(3);
  get rank() {
    return 3 as const;
  }
}
