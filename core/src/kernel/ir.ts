import type { DType } from "../base/dtype.ts";
import type { BinaryOp, BitsName, CompareName, UnaryOp } from "../graph/primitives.ts";

/**
 * The second intermediate form: loops over scalars. A kernel is a function of (task, buffers, params); tasks are independent
 * of each other and may run on any thread in any order.
 *
 * Register types: f16 and bf16 values are held as f32 (a load widens, a store or a cast to f16/bf16 rounds to nearest even);
 * i8, u8 and bool are held as i32 and kept in their range (each operation wraps).
 *
 * Every operation rounds for itself, whatever stands beside it: so the same graph gives the same bits in every kernel. Only a
 * `product` that is added to something may be rounded together with the sum; it is what contractions are made of.
 */
export type Expr =
  | { readonly kind: "number"; readonly value: number; readonly dtype: DType }
  /** A loop index or "task": i32. */
  | { readonly kind: "index"; readonly name: string }
  /** An i32 given by each launch instance (sizes of merged updates). */
  | { readonly kind: "param"; readonly name: string }
  /** A scalar declared by `let`. */
  | { readonly kind: "local"; readonly name: string; readonly dtype: DType }
  /** `buffer[at]`, in elements. Callers guarantee that `at` is inside. */
  | { readonly kind: "load"; readonly buffer: string; readonly at: Expr; readonly dtype: DType }
  | { readonly kind: "unary"; readonly op: UnaryOp; readonly x: Expr; readonly dtype: DType }
  /** i32 index arithmetic uses the same nodes; div and mod of indices are never by zero and never of negative numbers. */
  | {
      readonly kind: "binary";
      readonly op: KernelBinary;
      readonly x: Expr;
      readonly y: Expr;
      readonly dtype: DType;
    }
  | { readonly kind: "compare"; readonly op: CompareName; readonly x: Expr; readonly y: Expr }
  | { readonly kind: "bits"; readonly op: BitsName; readonly x: Expr; readonly y: Expr; readonly dtype: DType }
  /** The branch not taken is not evaluated: guards of out-of-range loads rely on it. */
  | { readonly kind: "select"; readonly when: Expr; readonly then: Expr; readonly else: Expr; readonly dtype: DType }
  | { readonly kind: "cast"; readonly x: Expr; readonly dtype: DType }
  /** The four bytes of x as another of f32, i32, u32. */
  | { readonly kind: "bitcast"; readonly x: Expr; readonly dtype: DType }
  /** x0 ^ x1 of Threefry-2x32-20 with the key (key0, key1) and the counter (0, counter): u32. */
  | { readonly kind: "threefry"; readonly key0: Expr; readonly key1: Expr; readonly counter: Expr };

/** `sub` and `product` (a `mul` of floats that may fuse with the sum that it goes into) exist only here. */
export type KernelBinary = BinaryOp | "sub" | "product";

export interface Address {
  readonly buffer: string;
  /** In elements. */
  readonly at: Expr;
}

export type AccumulateName = "sum" | "prod" | "max" | "min";

export type Stmt =
  /**
   * `for (index = from; index < to; index++)`. `vector` marks an innermost loop whose iterations are independent except for
   * `accumulate`: renderers may run it in lanes (accumulators then hold one partial value a lane, combined in lane order).
   */
  | {
      readonly kind: "for";
      readonly index: string;
      readonly from: Expr;
      readonly to: Expr;
      readonly vector: boolean;
      readonly body: readonly Stmt[];
    }
  /** Declares a scalar, visible to the end of the enclosing block. */
  | { readonly kind: "let"; readonly name: string; readonly dtype: DType; readonly value: Expr }
  | { readonly kind: "set"; readonly name: string; readonly value: Expr }
  /** `name = name ⊕ value`; max and min propagate NaN; bool max is or, min is and. */
  | { readonly kind: "accumulate"; readonly name: string; readonly op: AccumulateName; readonly value: Expr }
  | { readonly kind: "store"; readonly to: Address; readonly value: Expr }
  | { readonly kind: "if"; readonly when: Expr; readonly then: readonly Stmt[]; readonly else: readonly Stmt[] }
  | { readonly kind: "while"; readonly when: Expr; readonly body: readonly Stmt[] }
  /**
   * The register tile, all f32: `c[r·pitch + j] (+)= Σ_k a[r·aRow + k·aStep] · b[k·bStep + j]` for r < rows, j < columns,
   * k < depth. rows and columns are the target's tile; blocks are padded, so tiles are always whole.
   */
  | {
      readonly kind: "tile";
      readonly a: Address;
      readonly b: Address;
      readonly c: Address;
      readonly pitch: number;
      readonly rows: number;
      readonly columns: number;
      /** Elements between rows and between steps of the operands; by default those of panels: 1, rows, columns. */
      readonly aRow?: number;
      readonly aStep?: number;
      readonly bStep?: number;
      readonly depth: Expr;
      readonly accumulate: boolean;
    };

export interface KernelBuffer {
  readonly name: string;
  readonly dtype: DType;
  /** `scratch` belongs to the running thread and holds nothing between tasks. */
  readonly role: "read" | "write" | "readwrite" | "scratch";
  /** Size of a scratch buffer; 0 for the others (their size is the plan's matter). */
  readonly elements: number;
}

export interface Kernel {
  /** Descriptive and unique in a plan: "contract_32x128x784_add_max". */
  readonly name: string;
  /** The user's layers: scopes of the nodes inside, joined by "+". */
  readonly scope: string;
  /** In binding order; scratch buffers come last and are not bound. */
  readonly buffers: readonly KernelBuffer[];
  readonly params: readonly string[];
  /** Reads `{ kind: "index", name: "task" }`. */
  readonly body: readonly Stmt[];
  /** Multiply-adds and bytes of one launch, for `inspect` and the profiler. */
  readonly flops: number;
  readonly bytes: number;
}
