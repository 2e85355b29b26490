import type { Shape } from "../../../base/shape.ts";
import { full, random, type Tensor } from "../../../tensor/index.ts";
import type { Key } from "../../randomness.ts";

/** The random numbers of one call: a key of its own for each draw, from the layer's generator or the default one. */
export class Draws {
  readonly #key: Key | undefined;
  #count = 0;

  constructor(key: Key | undefined) {
    this.#key = key;
  }

  #next(): { readonly key?: Key } {
    return this.#key === undefined ? {} : { key: random.fold(this.#key, this.#count++) as Key };
  }

  uniform(shape: Shape, [low, high]: readonly [number, number] = [0, 1]): Tensor {
    if (low === high) return full(shape, low) as Tensor;
    return random.uniform(shape, { low, high, ...this.#next() }) as Tensor;
  }

  normal(shape: Shape): Tensor {
    return random.normal(shape, this.#next()) as Tensor;
  }

  /** The numbers below `count` in random order. */
  order(count: number): Tensor {
    return random.permutation(count, this.#next()) as Tensor;
  }

  /** 1 or −1, equally often. */
  sign(shape: Shape): Tensor {
    return this.uniform(shape).less(0.5).cast("f32").mul(2).sub(1) as Tensor;
  }

  /** Beta(α, α): from two Gamma(α) variables, in logarithms, so that small α do not underflow. */
  beta(count: number, alpha: Tensor | number): Tensor {
    const difference = this.#logGamma(count, alpha).sub(this.#logGamma(count, alpha));
    return difference.sigmoid() as Tensor;
  }

  /**
   * log of Gamma(α): Marsaglia and Tsang 2000 for α + 1, made smaller by U^(1/α). More than 95 % of their tries are
   * accepted; the first of `tries` that is counts.
   */
  #logGamma(count: number, alpha: Tensor | number): Tensor {
    const ones = this.uniform([count]).mul(0);
    const d = ones.add(alpha).add(1 - 1 / 3);
    const c = d.mul(9).rsqrt();
    const normals = this.normal([tries, count]);
    const uniforms = this.uniform([tries, count]);
    const v = c.mul(normals).add(1).pow(3);
    const positive = v.maximum(smallest);
    const limit = normals.square().mul(0.5).add(d).sub(d.mul(positive)).add(d.mul(positive.log()));
    const accepted = uniforms.maximum(smallest).log().less(limit).logicalAnd(v.greater(0));
    const first = accepted.cast("i32").argmax(0); // of equal ones the first
    const chosen = positive.takeAlongAxis(first.expandDims(0) as Tensor, 0).squeeze(0);
    const shrink = this.uniform([count]).maximum(smallest).log().div(ones.add(alpha));
    return d.mul(chosen).log().add(shrink) as Tensor;
  }
}

const tries = 8;
// Below this an f32 has no logarithm worth taking.
const smallest = 1e-30;
