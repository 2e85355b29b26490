import type { Shape } from "../base/shape.ts";
import { averagePool, maxPool, type Tensor } from "../tensor/index.ts";
import { demandWindow, type PaddingName } from "./checks.ts";
import { choice, optional, sizes } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { demandImages, type Rank, type Sizes } from "./images.ts";
import { AnyLayer, type LayerOptions, type Variables } from "./layer.ts";

const fieldsOf = (rank: Rank) => ({
  /** One size for all axes, or one an axis. Default 2. */
  poolSize: sizes(rank, 2),
  /** Default: the pool size, so that pools do not overlap. */
  strides: optional(sizes(rank)),
  /** `same` pools what there is at the borders. Default valid: incomplete pools are dropped. */
  padding: choice<Exclude<PaddingName, "causal">>(["valid", "same"], "valid"),
});

type PoolingFields = ReturnType<typeof fieldsOf>;
export interface PoolingOptions extends LayerOptions, GivenOf<PoolingFields, "poolSize"> {}

/** Reduces each pool of neighbours to one value: [batch, ...spatial, channels] → [batch, ...spatial', channels]. */
abstract class Pooling extends AnyLayer<Variables, PoolingFields> {
  static readonly positional = ["poolSize"];
  abstract readonly rank: Rank;

  constructor(poolSize: Sizes = 2, options: PoolingOptions = {}) {
    super(options, { poolSize });
  }

  override check(input: Shape): void {
    const { poolSize, padding } = this.options;
    demandImages(input, this.rank);
    demandWindow(input, { kernelSize: poolSize, padding });
  }
}

/** The largest value of each pool. */
abstract class MaxPooling extends Pooling {
  override call(x: Tensor): Tensor {
    const { poolSize, strides, padding } = this.options;
    return maxPool(x, poolSize, { strides, padding });
  }
}

/** The mean of each pool; padding does not count. */
abstract class AveragePooling extends Pooling {
  override call(x: Tensor): Tensor {
    const { poolSize, strides, padding } = this.options;
    return averagePool(floating(x), poolSize, { strides, padding });
  }
}

export class MaxPooling1D extends MaxPooling {
  static override readonly name: string = "MaxPooling1D";
  static readonly fields = fieldsOf(1);
  get rank() {
    return 1 as const;
  }
}

export class MaxPooling2D extends MaxPooling {
  static override readonly name: string = "MaxPooling2D";
  static readonly fields = fieldsOf(2);
  get rank() {
    return 2 as const;
  }
}

export class MaxPooling3D extends MaxPooling {
  static override readonly name: string = "MaxPooling3D";
  static readonly fields = fieldsOf(3);
  get rank() {
    return 3 as const;
  }
}

export class AveragePooling1D extends AveragePooling {
  static override readonly name: string = "AveragePooling1D";
  static readonly fields = fieldsOf(1);
  get rank() {
    return 1 as const;
  }
}

export class AveragePooling2D extends AveragePooling {
  static override readonly name: string = "AveragePooling2D";
  static readonly fields = fieldsOf(2);
  get rank() {
    return 2 as const;
  }
}

export class AveragePooling3D extends AveragePooling {
  static override readonly name: string = "AveragePooling3D";
  static readonly fields = fieldsOf(3);
  get rank() {
    return 3 as const;
  }
}
