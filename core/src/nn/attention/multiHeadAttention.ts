import type { Shape } from "../../base/shape.ts";
import { positive } from "../checks.ts";
import { axes, count, integers, optional } from "../fieldKinds.ts";
import type { GivenOf } from "../fields.ts";
import type { LayerOptions } from "../layer.ts";
import { AttentionHeads, type Heads, headsFields } from "./heads.ts";

const fields = {
  numHeads: count(),
  keyDim: count(),
  /** The size of a value's vector. Default keyDim. */
  valueDim: optional(count()),
  /** The result's axes after batch and time. Default the query's features. */
  outputShape: optional(integers((name, sizes) => sizes.map((size) => positive(name, size)))),
  /** The axes that are looked along: the others stand side by side, as the batch does. Default all but batch and features. */
  attentionAxes: optional(axes()),
  ...headsFields,
} as const;

export interface MultiHeadAttentionOptions extends LayerOptions, GivenOf<typeof fields, "numHeads" | "keyDim"> {}

/**
 * Several heads attend side by side, each to projections of its own (Vaswani et al. 2017): query [batch, time, features]
 * and value [batch, source, features] → [batch, time, features of the query].
 */
export class MultiHeadAttention extends AttentionHeads<typeof fields> {
  static override readonly name: string = "MultiHeadAttention";
  static readonly fields = fields;
  static readonly positional = ["numHeads", "keyDim"];

  constructor(numHeads: number, keyDim: number, options: MultiHeadAttentionOptions = {}) {
    super(options, { numHeads, keyDim });
  }

  override get heads(): Heads {
    const { numHeads, keyDim, valueDim = keyDim } = this.options;
    return { query: numHeads, shared: numHeads, keySize: keyDim, valueSize: valueDim };
  }

  override outputAxes(query: Shape): readonly number[] {
    return this.options.outputShape ?? [query.at(-1)!];
  }

  override get attentionAxes(): number | readonly number[] | undefined {
    return this.options.attentionAxes;
  }
}

const groupedFields = { headDim: count(), numQueryHeads: count(), numKeyValueHeads: count(), ...headsFields } as const;

export interface GroupQueryAttentionOptions
  extends LayerOptions,
    GivenOf<typeof groupedFields, "headDim" | "numQueryHeads" | "numKeyValueHeads"> {}

/** As MultiHeadAttention, but groups of query heads share heads of key and value (Ainslie et al. 2023). */
export class GroupQueryAttention extends AttentionHeads<typeof groupedFields> {
  static override readonly name: string = "GroupQueryAttention";
  static readonly fields = groupedFields;
  static readonly positional = ["headDim", "numQueryHeads", "numKeyValueHeads"];

  constructor(
    headDim: number,
    numQueryHeads: number,
    numKeyValueHeads: number,
    options: GroupQueryAttentionOptions = {},
  ) {
    super(options, { headDim, numQueryHeads, numKeyValueHeads });
  }

  override get heads(): Heads {
    const { headDim, numQueryHeads, numKeyValueHeads } = this.options;
    return { query: numQueryHeads, shared: numKeyValueHeads, keySize: headDim, valueSize: headDim };
  }

  override outputAxes(query: Shape): readonly number[] {
    return [query.at(-1)!];
  }
}
