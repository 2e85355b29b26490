/** What the compiler must know of a machine; all tile and block sizes live here. */
export interface Target {
  readonly name: "c" | "wasm" | "kernel";
  /** f32 values in one vector register. */
  readonly vectorLanes: number;
  readonly vectorRegisters: number;
  readonly fusedMultiplyAdd: boolean;
  readonly threads: number;
  /** Largest register tile of the contraction engine; `columns` is a multiple of vectorLanes. */
  readonly tile: { readonly rows: number; readonly columns: number };
  /** Elements of the sum dimension packed at once, sized for the L1 cache. */
  readonly depthBlock: number;
  /** Most rows of a packed block of the left operand, sized for the L2 cache. */
  readonly rowBlock: number;
  /** Most columns computed by one task; a multiple of tile.columns. */
  readonly columnBlock: number;
  /** The three blocks of products of matrices that have at least 256 rows, columns and steps, where they are others. */
  readonly largeBlocks?: Pick<Target, "depthBlock" | "rowBlock" | "columnBlock">;
  /** Elements of elementwise work that are worth a task of their own. */
  readonly elementsPerTask: number;
  /** Tasks that a contraction should have at least, so that several threads find work; 1 inside of a task. */
  readonly leastTasks?: number;
}
