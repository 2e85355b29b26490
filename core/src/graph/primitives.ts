import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Graph, Node } from "./node.ts";

/** What decides how an operation fuses; shared code asks for the kind, never for the name. */
export type Kind = "source" | "map" | "view" | "reduce" | "contract" | "cumulative" | "index" | "opaque" | "structure";

export type ReduceName = "sum" | "prod" | "max" | "min";
export type CompareName = "lt" | "eq";
export type BitsName = "and" | "or" | "xor" | "shl" | "shr";
export type ScatterName = "add" | "set" | "max";
export type Labels = readonly string[];

/** Gradients for the inputs after the first, given `g` and the custom node itself; `undefined` means none. */
export type CustomVjp = (g: Node, node: Node<"custom">) => readonly (Node | undefined)[];

/** Sliding windows over `axes`: `out[t, k] = in[t·stride + k·dilation]`. One entry an axis. */
export interface WindowAttrs {
  readonly axes: readonly number[];
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
}

type None = Readonly<Record<never, never>>;

/**
 * The closed set of primitives and their attributes. Operands of one node have equal shapes and dtypes unless said
 * otherwise; `ops/` inserts broadcasts and casts.
 */
export interface AttrsByOp {
  /** An argument or a Variable. `key` is unique. */
  input: { readonly name: string; readonly key: number; readonly shape: Shape; readonly dtype: DType };
  /** A scalar (shape []) known now. Booleans are 0 or 1. */
  const: { readonly value: number; readonly dtype: DType };
  /** The index along `axis`, in an integer dtype or f32. */
  iota: { readonly shape: Shape; readonly axis: number; readonly dtype: DType };
  /**
   * u32 random bits from a key (u32 [2]): element i (row-major) is x0 ^ x1 of Threefry-2x32-20 with that key and the
   * counter (0, i) (Salmon et al. 2011). Bit-equal on every device.
   */
  randomBits: { readonly shape: Shape };

  neg: None;
  exp: None;
  expm1: None;
  log: None;
  log1p: None;
  sqrt: None;
  sin: None;
  cos: None;
  atan: None;
  tanh: None;
  erf: None;
  gelu: None;
  /** Of gelu: Φ(x) + x·φ(x). One function, because with gelu at its side it shares Φ. */
  geluDerivative: None;
  floor: None;

  add: None;
  mul: None;
  /** Integers: floor division; by zero gives 0. */
  div: None;
  /** The remainder of floor division (sign of the divisor), as in NumPy. */
  mod: None;
  pow: None;
  /** Propagates NaN. */
  max: None;
  /** Propagates NaN. */
  min: None;

  /** bool: `x < y` or `x == y`. */
  compare: { readonly compare: CompareName };
  /** `condition ? x : y`; the condition is bool and of the same shape. */
  where: None;
  /** On integers; and, or, xor also on bool. Shifts by 32 or more give 0; shr of signed integers keeps the sign. */
  bits: { readonly bits: BitsName };
  /** float→int truncates and saturates, NaN to 0; int→int wraps; to bool: x != 0. */
  cast: { readonly dtype: DType };

  reshape: { readonly shape: Shape };
  /** Axis `i` of the result is axis `order[i]` of the input. */
  permute: { readonly order: readonly number[] };
  /** Repeats axes of size 1 to the sizes of `shape` (equal rank). */
  expand: { readonly shape: Shape };
  /** `out[i] = in[start + i·step]`, `size` elements an axis; steps may be negative. */
  slice: { readonly start: readonly number[]; readonly size: readonly number[]; readonly step: readonly number[] };
  /** Adds `low` and `high` elements at the ends and `between` between neighbours. low/high may be negative (crop). */
  pad: {
    readonly low: readonly number[];
    readonly high: readonly number[];
    readonly between: readonly number[];
    readonly value: number;
  };
  concat: { readonly axis: number };
  /** Each window axis becomes the number of windows; the offsets in the window are appended as axes, in order. */
  windows: WindowAttrs;
  /** The adjoint of `windows`: adds all windows up into an array whose sizes along `axes` are `sizes`. */
  fold: WindowAttrs & { readonly sizes: readonly number[] };

  /** Combines all elements along `axes` (ascending), which disappear from the shape. bool: max (any), min (all). */
  reduce: { readonly reduce: ReduceName; readonly axes: readonly number[] };
  cumulative: { readonly cumulative: "sum" | "max"; readonly axis: number; readonly reverse: boolean };

  /**
   * `out[o] = Σ a[..]·b[..]` over the labels that are in `a` and `b` but not in `out`. Every label is in at least two of
   * a, b, out, and unique within each.
   */
  contract: { readonly a: Labels; readonly b: Labels; readonly out: Labels };
  /**
   * Convolution (cross-correlation): x [n, ...spatial, groups, in], w [...window, groups, in, out]
   * → [n, ...spatial', groups, out]. One entry a spatial axis: `spread` puts spread−1 zeros between the elements of x
   * (transposed convolution), `pad` adds zeros after that (negative crops).
   */
  conv: {
    readonly stride: readonly number[];
    readonly dilation: readonly number[];
    readonly spread: readonly number[];
    readonly pad: readonly (readonly [number, number])[];
  };

  /** x, indices (i32) → indices.shape in place of `axis`. Out of range (also negative) reads 0. */
  gather: { readonly axis: number };
  /** x, indices (i32), updates (the shape `gather` would give) → x with updates combined in, in index order; out of range is dropped. */
  scatter: { readonly axis: number; readonly scatter: ScatterName };
  /** Stable order of the elements along `axis`, as i32; NaN last. */
  argsort: { readonly axis: number; readonly descending: boolean };
  /**
   * The statistics of each line along the last axis: f32 [..., n] → f32 [..., measureFields + measureBuckets] (graph/measure.ts).
   * Sums and extremes are those of the finite numbers; a bucket is a sign, an exponent and the first bit behind the point.
   */
  measure: None;

  /** The identity with no derivative. */
  detach: None;
  /** The identity, streamed to observers under `name`. */
  tap: { readonly name: string };
  /** The first input; computed after the others, and never merged with an equal node (rematerialisation). */
  barrier: { readonly key: number };
  /** The first input as value; the derivative of the others is what `vjp` says. */
  custom: { readonly vjp: CustomVjp; readonly name: string };
  /**
   * A loop over time. Inputs: `carries` initial states, `sequences` arrays [length, ...], then constants. Body inputs:
   * carries, one step of each sequence, constants; body outputs: next carries, then per-step results. Results (by
   * `pick`): final carries, then the per-step results stacked to [length, ...]. `reverse` runs from the last step.
   */
  scan: {
    readonly body: Graph;
    readonly length: number;
    readonly carries: number;
    readonly sequences: number;
    readonly reverse: boolean;
  };
  /** Inputs: a bool scalar, then operands, passed to the chosen graph. Results by `pick`. */
  cond: { readonly then: Graph; readonly else: Graph };
  /** One result of a `scan` or `cond`, which are only ever used through `pick`. */
  pick: { readonly index: number };
}

export type Op = keyof AttrsByOp;
export type AttrsOf<K extends Op> = AttrsByOp[K];
export type UnaryOp =
  | "neg"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "sqrt"
  | "sin"
  | "cos"
  | "atan"
  | "tanh"
  | "erf"
  | "gelu"
  | "geluDerivative"
  | "floor";
export type BinaryOp = "add" | "mul" | "div" | "mod" | "pow" | "max" | "min";

export interface Primitive {
  readonly kind: Kind;
  /** Relative price of one element, in multiply-adds: how willing fusion is to compute it twice. */
  readonly cost: number;
}

const primitive = (kind: Kind, cost = 0): Primitive => ({ kind, cost });

/** The closed table: kind and cost of every primitive. */
export const primitives = {
  input: primitive("source"),
  const: primitive("source"),
  iota: primitive("source"),
  randomBits: primitive("source", 70),

  neg: primitive("map", 1),
  exp: primitive("map", 12),
  expm1: primitive("map", 16),
  log: primitive("map", 14),
  log1p: primitive("map", 16),
  sqrt: primitive("map", 6),
  sin: primitive("map", 16),
  cos: primitive("map", 16),
  atan: primitive("map", 16),
  tanh: primitive("map", 16),
  erf: primitive("map", 20),
  gelu: primitive("map", 16),
  geluDerivative: primitive("map", 30),
  floor: primitive("map", 1),

  add: primitive("map", 1),
  mul: primitive("map", 1),
  div: primitive("map", 4),
  mod: primitive("map", 8),
  pow: primitive("map", 30),
  max: primitive("map", 1),
  min: primitive("map", 1),
  compare: primitive("map", 1),
  where: primitive("map", 1),
  bits: primitive("map", 1),
  cast: primitive("map", 1),

  reshape: primitive("view"),
  permute: primitive("view"),
  expand: primitive("view"),
  slice: primitive("view"),
  pad: primitive("view"),
  concat: primitive("view"),
  windows: primitive("view"),
  fold: primitive("reduce", 1),

  reduce: primitive("reduce", 1),
  cumulative: primitive("cumulative", 1),
  contract: primitive("contract", 1),
  conv: primitive("contract", 1),
  gather: primitive("index", 1),
  scatter: primitive("opaque", 1),
  argsort: primitive("opaque", 1),
  measure: primitive("opaque", 8),

  detach: primitive("view"),
  tap: primitive("view"),
  barrier: primitive("structure"),
  custom: primitive("view"),
  scan: primitive("structure"),
  cond: primitive("structure"),
  pick: primitive("structure"),
} as const satisfies { readonly [K in Op]: Primitive };

export const ops = Object.keys(primitives) as readonly Op[];
export const kindOf = (node: Node): Kind => primitives[node.op].kind;
export const costOf = (node: Node): number => primitives[node.op].cost;
