import { ShapeError } from "../base/errors.ts";
import { printShape, range, type Shape } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import { averagePool, concatenate, maxPool, type Tensor } from "../tensor/index.ts";
import { sizes } from "./fieldKinds.ts";
import { floating } from "./floating.ts";
import { demandImages, type Rank, type Sizes } from "./images.ts";
import { AnyLayer, type LayerOptions, type Variables } from "./layer.ts";

const fieldsOf = (rank: Rank) => ({
  /** The spatial sizes of the result, one for all axes or one an axis. */
  outputSize: sizes(rank),
});
type AdaptiveFields = ReturnType<typeof fieldsOf>;

/**
 * Pools that are chosen so that the result has the given size: pool i of n over an axis of size s covers
 * ⌊i·s/n⌋ … ⌈(i + 1)·s/n⌉, so pools may differ in size and overlap.
 */
abstract class AdaptivePooling extends AnyLayer<Variables, AdaptiveFields> {
  static readonly positional = ["outputSize"];
  abstract readonly rank: Rank;

  constructor(outputSize: Sizes, options: LayerOptions = {}) {
    super(options, { outputSize });
  }

  override check(input: Shape): void {
    demandImages(input, this.rank);
    // Each place of the result is a part of the program: many more than the input has would be for nothing.
    const largest = 16 * Math.max(64, ...input.slice(1, -1));
    if (this.options.outputSize.every((size) => size <= largest)) return;
    throw new ShapeError({
      what: `${scopeNow()}: outputSize [${this.options.outputSize.join(", ")}] is far larger than the input ${printShape(input)}`,
      hint: "repeat the input first: layers.upSampling2d",
    });
  }

  /** `pool` over each axis in turn: means and largest values of rectangles are those of their rows. */
  protected pooled(x: Tensor, pool: Pool, reduce: (part: Tensor, axis: number) => Tensor): Tensor {
    return this.options.outputSize.reduce((image, count, at) => along(image, at + 1, count, pool, reduce), x);
  }
}

type Pool = (x: Tensor, size: readonly number[]) => Tensor;

function along(
  x: Tensor,
  axis: number,
  count: number,
  pool: Pool,
  reduce: (x: Tensor, axis: number) => Tensor,
): Tensor {
  const size = x.shape[axis]!;
  if (size === count) return x;
  const window = x.shape.slice(1, -1).map((_, at) => (at + 1 === axis ? size / count : 1));
  if (size % count === 0) return pool(x, window);
  const parts = range(count).map((at) => {
    const [start, stop] = [Math.floor((at * size) / count), Math.ceil(((at + 1) * size) / count)];
    return reduce(x.slice([...range(axis).map(() => ({})), { start, stop }]), axis);
  });
  return concatenate(parts, axis) as Tensor;
}

abstract class AdaptiveAveragePooling extends AdaptivePooling {
  override call(x: Tensor): Tensor {
    return this.pooled(floating(x), averagePool, (part, axis) => part.mean(axis, { keepDims: true }) as Tensor);
  }
}

abstract class AdaptiveMaxPooling extends AdaptivePooling {
  override call(x: Tensor): Tensor {
    return this.pooled(x, maxPool, (part, axis) => part.max(axis, { keepDims: true }) as Tensor);
  }
}

export class AdaptiveAveragePooling1D extends AdaptiveAveragePooling {
  static override readonly name: string = "AdaptiveAveragePooling1D";
  static readonly fields = fieldsOf(1);
  get rank() {
    return 1 as const;
  }
}

export class AdaptiveAveragePooling2D extends AdaptiveAveragePooling {
  static override readonly name: string = "AdaptiveAveragePooling2D";
  static readonly fields = fieldsOf(2);
  get rank() {
    return 2 as const;
  }
}

export class AdaptiveAveragePooling3D extends AdaptiveAveragePooling {
  static override readonly name: string = "AdaptiveAveragePooling3D";
  static readonly fields = fieldsOf(3);
  get rank() {
    return 3 as const;
  }
}

export class AdaptiveMaxPooling1D extends AdaptiveMaxPooling {
  static override readonly name: string = "AdaptiveMaxPooling1D";
  static readonly fields = fieldsOf(1);
  get rank() {
    return 1 as const;
  }
}

export class AdaptiveMaxPooling2D extends AdaptiveMaxPooling {
  static override readonly name: string = "AdaptiveMaxPooling2D";
  static readonly fields = fieldsOf(2);
  get rank() {
    return 2 as const;
  }
}

export class AdaptiveMaxPooling3D extends AdaptiveMaxPooling {
  static override readonly name: string = "AdaptiveMaxPooling3D";
  static readonly fields = fieldsOf(3);
  get rank() {
    return 3 as const;
  }
}
