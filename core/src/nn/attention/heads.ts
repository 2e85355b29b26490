import { ArgumentError, ShapeError } from "../../base/errors.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import { arange, dotProductAttention, matmul, sigmoid, type Tensor, type Variable, where } from "../../tensor/index.ts";
import { fraction, positiveReal } from "../checks.ts";
import type { CallContext } from "../context.ts";
import { constraint, count, flag, initializer, optional, real, regularizer } from "../fieldKinds.ts";
import type { Fields, ValuesOf } from "../fields.ts";
import { biasOf, kernelOf } from "../kernelAndBias.ts";
import { AnyLayer, type Inputs, type Outputs } from "../layer.ts";
import { masked } from "../masked.ts";
import { generatorOf, seedFields } from "../randomness.ts";
import type { Structure } from "../structure.ts";
import { type AttentionArguments, allOf, argumentsOf, shapesOf } from "./arguments.ts";
import { folded, foldedPairs, foldedSources, type Line, lineOf, unfolded, unfoldedWeights } from "./axes.ts";
import { rotate } from "./rotary.ts";
import { attentionWeights, visible } from "./weights.ts";

/** The options of attention with several heads. */
export const headsFields = {
  /** Share of the weights that are dropped while training. Default 0. */
  dropout: real(0, fraction),
  useBias: flag(true),
  /** Whether each head's result is multiplied by the sigmoid of a projection of the query (Qiu et al. 2025). Default false. */
  useGate: flag(false),
  /** Position i sees the positions nearer than this, on both sides. Default all. */
  slidingWindow: optional(count()),
  /** Position i sees the positions up to i. Default false. */
  useCausalMask: flag(false),
  /** The result is [output, weights], the weights [batch, ...other axes, heads, ...time, ...source]. Default false. */
  returnAttentionScores: flag(false),
  /** Whether queries and keys carry their position by rotation (RotaryEmbedding). Default false. */
  rotary: flag(false),
  /** Default 10,000. */
  maxWavelength: real(10_000, positiveReal),
  ...seedFields,
  /** Default glorotUniform. */
  kernelInitializer: initializer("glorotUniform"),
  /** Default zeros. */
  biasInitializer: initializer("zeros"),
  kernelRegularizer: regularizer(),
  biasRegularizer: regularizer(),
  kernelConstraint: constraint(),
  biasConstraint: constraint(),
} as const;

type HeadsFields = Fields & typeof headsFields;

/** Heads of the query, heads of key and value, and the sizes of their vectors. */
export interface Heads {
  readonly query: number;
  readonly shared: number;
  readonly keySize: number;
  readonly valueSize: number;
}

/** Kernels [features, heads, size] of query, key and value, and [heads, size, ...output] back. */
export type HeadsVariables = { readonly [name: string]: Variable };

/** Attention whose query, key and value are projected to several heads, and whose result is projected back. */
export abstract class AttentionHeads<F extends HeadsFields = HeadsFields> extends AnyLayer<HeadsVariables, F> {
  static readonly masking = "own";
  abstract get heads(): Heads;
  /** The result's axes after batch and time. */
  abstract outputAxes(query: Shape): readonly number[];
  /** The axes that are looked along, where not all of them are. */
  get attentionAxes(): number | readonly number[] | undefined {
    return undefined;
  }

  get #heads(): ValuesOf<typeof headsFields> {
    return this.options as unknown as ValuesOf<typeof headsFields>; // F has these fields
  }

  override check(given: Structure<Shape>): void {
    const shapes = shapesOf(given);
    const line = lineOf(shapes.query.length, this.attentionAxes);
    const differs = line.others.find((axis) => shapes.query[axis] !== shapes.value[axis]);
    if (differs !== undefined)
      throw new ShapeError({
        what: `${this.name}: axis ${differs} is not looked along, and has ${shapes.query[differs]} entries in the query and ${shapes.value[differs]} in the value`,
        hint: "query and value agree in all axes but those of attentionAxes and the features",
      });
    const { query, shared } = this.heads;
    if (query % shared === 0) return;
    throw new ArgumentError(`${this.name}: ${query} query heads cannot share ${shared} key and value heads evenly`);
  }

  override build(given: Structure<Shape>): HeadsVariables {
    const { query, value, key } = shapesOf(given);
    const heads = this.heads;
    const output = this.outputAxes(query);
    return {
      ...this.#projection("query", [query.at(-1)!, heads.query, heads.keySize], 1),
      ...this.#projection("key", [key.at(-1)!, heads.shared, heads.keySize], 1),
      ...(this.#heads.useGate ? this.#projection("gate", [query.at(-1)!, heads.query, heads.valueSize], 1) : {}),
      ...this.#projection("value", [value.at(-1)!, heads.shared, heads.valueSize], 1),
      ...this.#projection("output", [heads.query, heads.valueSize, ...output], 2),
      ...generatorOf(this.#heads.seed),
    };
  }

  /** A kernel, and a bias of its axes after the first `inputs`. */
  #projection(name: string, shape: Shape, inputs: number): HeadsVariables {
    const options = this.#heads;
    const { bias } = biasOf(shape.slice(inputs), options);
    return { [`${name}Kernel`]: kernelOf(shape, options), ...(bias === undefined ? {} : { [`${name}Bias`]: bias }) };
  }

  override call(given: Inputs, variables: HeadsVariables, { training }: CallContext): Outputs {
    const { returnAttentionScores, rotary, maxWavelength, dropout, useCausalMask, useGate } = this.#heads;
    const found = argumentsOf(given);
    const along = lineOf(found.query.rank, this.attentionAxes);
    const place = (x: Tensor): Tensor => (rotary ? rotate(x, maxWavelength) : x);

    const asked = folded(found.query, along);
    const query = place(project(asked, "query", 1, variables)); // [batch, time, heads, size]
    const key = place(project(folded(found.key, along), "key", 1, variables)); // [batch, source, shared heads, size]
    const value = project(folded(found.value, along), "value", 1, variables);
    const mask = this.#mask(found, along);
    const plain = !returnAttentionScores && (dropout === 0 || !training);
    const { mixed, weights } = plain
      ? { mixed: attend(query, key, value, mask, useCausalMask), weights: undefined }
      : this.#attendOpenly({ query, key, value, mask }, variables, training);
    const gated = useGate ? (mixed.mul(sigmoid(project(asked, "gate", 1, variables))) as Tensor) : mixed;
    const output = project(gated, "output", 2, variables); // [batch, time, ...output]
    const result = masked(unfolded(output, along, found.query.shape), found.queryMask);
    return weights === undefined
      ? result
      : [result, unfoldedWeights(weights, along, found.query.shape, found.key.shape)];
  }

  /** What may be seen, [batch, heads or 1, time, source]; undefined when all is seen. */
  #mask({ query, key, attentionMask, sourceMasks }: AttentionArguments, along: Line): Tensor | undefined {
    const { slidingWindow } = this.#heads;
    const [time, source] = [query, key].map(({ shape }) => sizeOf(along.attended.map((axis) => shape[axis]!)));
    return allOf([
      ...(attentionMask === undefined ? [] : [foldedPairs(attentionMask, along, query.shape, key.shape)]),
      ...sourceMasks.map((mask) => foldedSources(mask, along, key.shape)),
      ...(slidingWindow === undefined ? [] : [near(time!, source!, slidingWindow)]),
    ]);
  }

  /** As `dotProductAttention`, but with the weights at hand: to show them, or to drop some. */
  #attendOpenly(
    { query, key, value, mask }: { query: Tensor; key: Tensor; value: Tensor; mask: Tensor | undefined },
    variables: HeadsVariables,
    training: boolean,
  ) {
    const { dropout, useCausalMask, returnAttentionScores } = this.#heads;
    const groups = this.heads.query / this.heads.shared;
    const byHead = (x: Tensor, repeats: number): Tensor => x.transpose([0, 2, 1, 3]).repeat(repeats, 1) as Tensor;
    const scores = matmul(byHead(query, 1), byHead(key, groups).transpose([0, 1, 3, 2])).mul(
      1 / Math.sqrt(this.heads.keySize),
    ) as Tensor; // [batch, heads, time, source]
    const weights = attentionWeights(visible(scores, mask, useCausalMask), { dropout, training, variables });
    // What sees nothing gives zeros, as it does without weights to look at.
    const seen = mask === undefined ? weights : where(mask, weights, 0);
    const mixed = matmul(seen, byHead(value, groups)).transpose([0, 2, 1, 3]) as Tensor;
    return { mixed, weights: returnAttentionScores ? weights : undefined };
  }
}

/** x·kernel + bias over the last `inputs` axes of x. */
function project(x: Tensor, name: string, inputs: number, variables: HeadsVariables): Tensor {
  const kernel = variables[`${name}Kernel`]!;
  const bias = variables[`${name}Bias`];
  const before = x.shape.slice(0, x.shape.length - inputs);
  const [rows, after] = [kernel.shape.slice(0, inputs), kernel.shape.slice(inputs)];
  const product = x.reshape([...before, sizeOf(rows)]).matmul(kernel.reshape([sizeOf(rows), sizeOf(after)]));
  const result = product.reshape([...before, ...after]);
  return (bias === undefined ? result : result.add(bias)) as Tensor;
}

/** Whether time and source are nearer to each other than `window`: [1, 1, time, source]. */
const near = (time: number, source: number, window: number): Tensor =>
  arange(time).reshape([1, 1, time, 1]).sub(arange(source)).abs().less(window) as Tensor;

function attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | undefined, causal: boolean): Tensor {
  return dotProductAttention(query, key, value, { causal, ...(mask === undefined ? {} : { mask }) });
}
