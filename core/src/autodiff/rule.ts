import type { AttrsOf, BinaryOp, Node, Op, UnaryOp } from "../graph/index.ts";

/** The inputs of a primitive as a tuple where their number is fixed. */
export type InputsOf<K extends Op> = K extends UnaryOp | ViewOp
  ? readonly [Node]
  : K extends BinaryOp | "contract" | "conv" | "gather"
    ? readonly [Node, Node]
    : K extends "where" | "scatter"
      ? readonly [Node, Node, Node]
      : readonly Node[];

type ViewOp =
  | "cast"
  | "reshape"
  | "permute"
  | "expand"
  | "slice"
  | "pad"
  | "windows"
  | "fold"
  | "reduce"
  | "cumulative"
  | "argsort"
  | "measure"
  | "detach"
  | "tap"
  | "pick";

/** Gradients of Σ outputs·seeds with respect to `wrt`; undefined where an output does not depend on it. */
export type Backpropagate = (
  outputs: readonly Node[],
  seeds: readonly Node[],
  wrt: readonly Node[],
) => (Node | undefined)[];

/** The node that a rule differentiates, taken apart. */
export interface Site<K extends Op> {
  readonly output: Node<K>;
  readonly attrs: AttrsOf<K>;
  readonly inputs: InputsOf<K>;
  /** Whether anybody asks for the gradient of each input. Only expensive rules look. */
  readonly wanted: readonly boolean[];
  /** The reverse walk itself, for rules that differentiate a body graph. */
  readonly backpropagate: Backpropagate;
}

/** A cotangent for one result of a `scan` or `cond`. */
export interface ResultGradient {
  readonly result: number;
  readonly g: Node;
}

/** What arrives at a node: its cotangent, or one a result where a node has several (undefined: nobody used it). */
export type Cotangent<K extends Op> = K extends "scan" | "cond" ? readonly (Node | undefined)[] : Node;

/** Gradients for the inputs, in order; `none` or a missing entry where there is no derivative. */
export type VjpRule<K extends Op> = (
  g: Cotangent<K>,
  site: Site<K>,
) => K extends "pick" ? readonly [ResultGradient] : readonly (Node | undefined)[];

/** The gradient of an input that has none: an integer, an index, a condition. */
export const none = undefined;

/** The rule of primitives through which nothing flows; the reverse walk knows it and stops before them. */
export const nothing = (): readonly [] => [];
