import { range, type Shape } from "../base/shape.ts";
import { divideNoNaN, type Tensor } from "../tensor/index.ts";
import { flag } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { demandImages, type Rank } from "./images.ts";
import { AnyLayer, type LayerOptions, type Masking, type Variables } from "./layer.ts";
import { type Masked, maskOf, valuesOf } from "./masked.ts";

const fields = {
  /** Keeps the pooled axes with size 1. Default false. */
  keepDims: flag(false),
};

export interface GlobalPoolingOptions extends LayerOptions, GivenOf<typeof fields> {}

/** Reduces all spatial axes: [batch, ...spatial, channels] → [batch, channels]. */
abstract class GlobalPooling extends AnyLayer<Variables, typeof fields> {
  static readonly fields = fields;
  abstract readonly rank: Rank;

  constructor(options: GlobalPoolingOptions = {}) {
    super(options);
  }

  override check(input: Shape): void {
    demandImages(input, this.rank);
  }

  /** The axes that disappear. */
  protected get axes(): readonly number[] {
    return range(this.rank).map((axis) => axis + 1);
  }
}

/** The largest value over all positions. */
abstract class GlobalMaxPooling extends GlobalPooling {
  override call(x: Tensor): Tensor {
    return x.max(this.axes, this.options) as Tensor;
  }
}

/** The mean over all positions. */
abstract class GlobalAveragePooling extends GlobalPooling {
  override call(x: Tensor | Masked<Tensor>): Tensor {
    return floating(valuesOf(x)).mean(this.axes, this.options) as Tensor;
  }
}

export class GlobalMaxPooling1D extends GlobalMaxPooling {
  static override readonly name: string = "GlobalMaxPooling1D";
  get rank() {
    return 1 as const;
  }
}

export class GlobalMaxPooling2D extends GlobalMaxPooling {
  static override readonly name: string = "GlobalMaxPooling2D";
  get rank() {
    return 2 as const;
  }
}

export class GlobalMaxPooling3D extends GlobalMaxPooling {
  static override readonly name: string = "GlobalMaxPooling3D";
  get rank() {
    return 3 as const;
  }
}

/** The mean over all steps, or over those that the mask lets count; the mask ends here. */
export class GlobalAveragePooling1D extends GlobalAveragePooling {
  static override readonly name: string = "GlobalAveragePooling1D";
  static readonly masking: Masking = "own";
  get rank() {
    return 1 as const;
  }

  override call(x: Tensor | Masked<Tensor>): Tensor {
    const mask = maskOf(x);
    if (mask === undefined) return super.call(x);
    const values = floating(valuesOf(x));
    const counting = mask.cast(values.dtype).expandDims(2); // [batch, steps, 1]
    return divideNoNaN(values.mul(counting).sum(1, this.options), counting.sum(1, this.options)) as Tensor;
  }
}

export class GlobalAveragePooling2D extends GlobalAveragePooling {
  static override readonly name: string = "GlobalAveragePooling2D";
  get rank() {
    return 2 as const;
  }
}

export class GlobalAveragePooling3D extends GlobalAveragePooling {
  static override readonly name: string = "GlobalAveragePooling3D";
  get rank() {
    return 3 as const;
  }
}
