import type { Shape } from "../base/shape.ts";
import { averagePool, maxPool, type Tensor } from "../tensor/index.ts";
import { demandRank, demandWindow, oneOf, paddings, perAxis } from "./checks.ts";
import { floating } from "./floating.ts";
import { type Config, Layer, type LayerOptions } from "./layer.ts";

export interface PoolingOptions extends LayerOptions {
  /** Default: the pool size, so that pools do not overlap. */
  readonly strides?: number | readonly number[] | undefined;
  /** `same` pools what there is at the borders. Default valid: incomplete pools are dropped. */
  readonly padding?: "valid" | "same" | undefined;
}

const imageAxes = ["batch", "height", "width", "channels"] as const;

abstract class Pooling2D extends Layer {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: "valid" | "same";

  constructor(poolSize: number | readonly number[] = 2, options: PoolingOptions = {}) {
    super(options);
    this.poolSize = perAxis("poolSize", poolSize, 2);
    this.strides = perAxis("strides", options.strides ?? this.poolSize, 2);
    this.padding = oneOf("padding", options.padding ?? "valid", paddings);
  }

  override check(input: Shape): void {
    demandRank(input, imageAxes);
    demandWindow(input, { kernelSize: this.poolSize, padding: this.padding });
  }

  override config(): Config {
    const { poolSize, strides, padding } = this;
    return { poolSize, strides, padding };
  }
}

/** The largest value of each pool: [batch, height, width, channels] → [batch, height', width', channels]. */
export class MaxPooling2D extends Pooling2D {
  override call(x: Tensor): Tensor {
    return maxPool(x, this.poolSize, this);
  }
}

/** The mean of each pool; padding does not count. */
export class AveragePooling2D extends Pooling2D {
  override call(x: Tensor): Tensor {
    return averagePool(floating(x), this.poolSize, this);
  }
}

export interface GlobalPoolingOptions extends LayerOptions {
  /** Keeps the pooled axes with size 1. Default false. */
  readonly keepDims?: boolean | undefined;
}

abstract class GlobalPooling2D extends Layer {
  readonly keepDims: boolean;

  constructor(options: GlobalPoolingOptions = {}) {
    super(options);
    this.keepDims = options.keepDims ?? false;
  }

  override check(input: Shape): void {
    demandRank(input, imageAxes);
  }

  override config(): Config {
    return { keepDims: this.keepDims };
  }
}

/** The mean over height and width: [batch, height, width, channels] → [batch, channels]. */
export class GlobalAveragePooling2D extends GlobalPooling2D {
  override call(x: Tensor): Tensor {
    return floating(x).mean([1, 2], { keepDims: this.keepDims });
  }
}

/** The largest value over height and width. */
export class GlobalMaxPooling2D extends GlobalPooling2D {
  override call(x: Tensor): Tensor {
    return x.max([1, 2], { keepDims: this.keepDims });
  }
}
