import type { Stmt } from "./ir.ts";

export type Tile = Extract<Stmt, { kind: "tile" }>;

/** What two tiles share when one function computes both, but for the pitch of the result. */
export interface TileShape {
  readonly rows: number;
  readonly columns: number;
  readonly aRow: number;
  readonly aStep: number;
  readonly bStep: number;
}

/** The shape of a tile: distances that are not given are those of packed panels. */
export const tileShape = ({
  rows,
  columns,
  aRow = 1,
  aStep = rows,
  bStep = columns,
}: Pick<Tile, "rows" | "columns" | "aRow" | "aStep" | "bStep">): TileShape => ({ rows, columns, aRow, aStep, bStep });

/** The distances of a tile that is not over packed panels, for names and prints: "a256_1_b64"; otherwise nothing. */
export function strideText({ rows, columns, aRow, aStep, bStep }: TileShape): string {
  const left = aRow === 1 && aStep === rows ? [] : [`a${aRow}_${aStep}`];
  const right = bStep === columns ? [] : [`b${bStep}`];
  return [...left, ...right].join("_");
}
