import type { Rows } from "../data/pca.ts";

export const projections = ["PCA", "t-SNE", "UMAP"] as const;
export type Projection = (typeof projections)[number];

/** So many points are laid out at most: all pairs of t-SNE are looked at in each step. */
export const mostPoints: { readonly [P in Projection]: number } = { PCA: 50_000, "t-SNE": 1500, UMAP: 5000 };

export interface ToProjection {
  readonly id: number;
  readonly method: Projection;
  readonly rows: Rows;
}

export interface FromProjection {
  readonly id: number;
  /** [rows, 2]. */
  readonly positions: Float32Array;
  /** From 0 to 1. */
  readonly progress: number;
}
