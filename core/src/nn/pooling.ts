import type { Shape } from "../base/shape.ts";
import { averagePool, maxPool, type Tensor } from "../tensor/index.ts";
import { demandRank, demandWindow } from "./checks.ts";
import { choice, flag, optional, sizes } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { Layer, type LayerOptions, type Variables } from "./layer.ts";

const fields = {
  /** Default 2. */
  poolSize: sizes(2, 2),
  /** Default: the pool size, so that pools do not overlap. */
  strides: optional(sizes(2)),
  /** `same` pools what there is at the borders. Default valid: incomplete pools are dropped. */
  padding: choice(["valid", "same"], "valid"),
};

export interface PoolingOptions extends LayerOptions, GivenOf<typeof fields, "poolSize"> {}

const imageAxes = ["batch", "height", "width", "channels"] as const;

abstract class Pooling2D extends Layer<Variables, typeof fields> {
  static readonly fields = fields;
  static readonly positional = ["poolSize"];

  constructor(poolSize: number | readonly number[] = 2, options: PoolingOptions = {}) {
    super(options, { poolSize });
  }

  override check(input: Shape): void {
    const { poolSize, padding } = this.options;
    demandRank(input, imageAxes);
    demandWindow(input, { kernelSize: poolSize, padding });
  }
}

/** The largest value of each pool: [batch, height, width, channels] → [batch, height', width', channels]. */
export class MaxPooling2D extends Pooling2D {
  override call(x: Tensor): Tensor {
    return maxPool(x, this.options.poolSize, this.options);
  }
}

/** The mean of each pool; padding does not count. */
export class AveragePooling2D extends Pooling2D {
  override call(x: Tensor): Tensor {
    return averagePool(floating(x), this.options.poolSize, this.options);
  }
}

const globalFields = {
  /** Keeps the pooled axes with size 1. Default false. */
  keepDims: flag(false),
};

export interface GlobalPoolingOptions extends LayerOptions, GivenOf<typeof globalFields> {}

abstract class GlobalPooling2D extends Layer<Variables, typeof globalFields> {
  static readonly fields = globalFields;

  constructor(options: GlobalPoolingOptions = {}) {
    super(options);
  }

  override check(input: Shape): void {
    demandRank(input, imageAxes);
  }
}

/** The mean over height and width: [batch, height, width, channels] → [batch, channels]. */
export class GlobalAveragePooling2D extends GlobalPooling2D {
  override call(x: Tensor): Tensor {
    return floating(x).mean([1, 2], { keepDims: this.options.keepDims });
  }
}

/** The largest value over height and width. */
export class GlobalMaxPooling2D extends GlobalPooling2D {
  override call(x: Tensor): Tensor {
    return x.max([1, 2], { keepDims: this.options.keepDims });
  }
}
