import type { Shape } from "../../base/shape.ts";
import { matmul, type Tensor, type Variable } from "../../tensor/index.ts";
import { fraction } from "../checks.ts";
import type { CallContext } from "../context.ts";
import { choice, flag, real } from "../fieldKinds.ts";
import type { Fields, GivenOf, ValuesOf } from "../fields.ts";
import { AnyLayer, type Inputs, type LayerOptions, type Outputs } from "../layer.ts";
import { masked } from "../masked.ts";
import { generatorOf, seedFields } from "../randomness.ts";
import type { Structure } from "../structure.ts";
import { allOf, argumentsOf, shapesOf } from "./arguments.ts";
import { attentionWeights, visible } from "./weights.ts";

const commonFields = {
  /** Share of the weights that are dropped while training. Default 0. */
  dropout: real(0, fraction),
  /** Position i sees the positions up to i. Default false. */
  useCausalMask: flag(false),
  /** The result is [output, weights], the weights [batch, time, source]. Default false. */
  returnAttentionScores: flag(false),
  ...seedFields,
} as const;

type ScoreVariables = { readonly [name: string]: Variable };

/** Attention without projections: weights from a score of query and key, and the values weighed by them. */
abstract class ScoredAttention<F extends Fields & typeof commonFields> extends AnyLayer<ScoreVariables, F> {
  static readonly masking = "own";

  override check(given: Structure<Shape>): void {
    shapesOf(given);
  }

  /** [batch, time, features] and [batch, source, features] → [batch, time, source]. */
  abstract score(query: Tensor, key: Tensor, variables: ScoreVariables): Tensor;

  override call(given: Inputs, variables: ScoreVariables, { training }: CallContext): Outputs {
    const { dropout, useCausalMask, returnAttentionScores } = this.options as unknown as ValuesOf<typeof commonFields>; // F has these fields
    const { query, key, value, attentionMask, sourceMasks, queryMask } = argumentsOf(given);
    // [batch, time, source]
    const pairs = sourceMasks.map((mask): Tensor => mask.expandDims(1) as Tensor);
    const mask = allOf(attentionMask === undefined ? pairs : [attentionMask, ...pairs]);
    const scores = visible(this.score(query, key, variables), mask, useCausalMask);
    const weights = attentionWeights(scores, { dropout, training, variables });
    const mixed: Tensor = matmul(weights, value);
    // What does not count gives zeros.
    const shown = queryMask === undefined ? mixed : (mixed.mul(queryMask.expandDims(-1).cast(mixed.dtype)) as Tensor);
    const result = masked(shown, queryMask);
    return returnAttentionScores ? [result, weights] : result;
  }
}

/** tanh(query + key) for every pair: [batch, time, source, features]. */
const meeting = (query: Tensor, key: Tensor): Tensor => query.expandDims(2).add(key.expandDims(1)) as Tensor;

const dotFields = {
  /** Whether scores have a learned factor. Default false. */
  useScale: flag(false),
  /** The product of query and key, or a learned factor of the sum of tanh(query + key). Default dot. */
  scoreMode: choice(["dot", "concat"], "dot"),
  ...commonFields,
} as const;

export interface AttentionOptions extends LayerOptions, GivenOf<typeof dotFields> {}

/** Dot-product attention (Luong et al. 2015), without projections and without dividing by the root of the size. */
export class Attention extends ScoredAttention<typeof dotFields> {
  static override readonly name: string = "Attention";
  static readonly fields = dotFields;

  constructor(options: AttentionOptions = {}) {
    super(options);
  }

  override build(): ScoreVariables {
    const { useScale, scoreMode, seed } = this.options;
    const one = (): Variable => this.addWeight([], { initializer: "ones" });
    return {
      ...(useScale ? { scale: one() } : {}),
      ...(scoreMode === "concat" ? { concatScoreWeight: one() } : {}),
      ...generatorOf(seed),
    };
  }

  override score(query: Tensor, key: Tensor, { scale, concatScoreWeight }: ScoreVariables): Tensor {
    const scaled = (x: Tensor): Tensor => (scale === undefined ? x : x.mul(scale)) as Tensor;
    if (concatScoreWeight !== undefined)
      return scaled(meeting(query, key)).tanh().sum(-1).mul(concatScoreWeight) as Tensor;
    return scaled(matmul(query, key.transpose([0, 2, 1])));
  }
}

const additiveFields = {
  /** Whether each feature has a learned factor. Default true. */
  useScale: flag(true),
  ...commonFields,
} as const;

export interface AdditiveAttentionOptions extends LayerOptions, GivenOf<typeof additiveFields> {}

/** Additive attention: the score is Σ scale·tanh(query + key) (Bahdanau et al. 2015), without projections. */
export class AdditiveAttention extends ScoredAttention<typeof additiveFields> {
  static override readonly name: string = "AdditiveAttention";
  static readonly fields = additiveFields;

  constructor(options: AdditiveAttentionOptions = {}) {
    super(options);
  }

  override build(given: Structure<Shape>): ScoreVariables {
    const { useScale, seed } = this.options;
    const generator = generatorOf(seed);
    if (!useScale) return { ...generator };
    const scale = this.addWeight([shapesOf(given).key.at(-1)!], { initializer: "glorotUniform" });
    return { scale, ...generator };
  }

  override score(query: Tensor, key: Tensor, { scale }: ScoreVariables): Tensor {
    const met = meeting(query, key).tanh();
    return (scale === undefined ? met : met.mul(scale)).sum(-1) as Tensor;
  }
}
