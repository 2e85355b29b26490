import { bytesPerElement, type DType, dtypes } from "../base/dtype.ts";
import { oneOf } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { inferNode } from "./infer.ts";
import type { AttrsOf, Op } from "./primitives.ts";

/** One operation of the traced graph: immutable data. Inputs always have smaller ids, so ids are a topological order. */
export interface Node<K extends Op = Op> {
  readonly id: number;
  readonly op: K;
  readonly inputs: readonly Node[];
  readonly attrs: AttrsOf<K>;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Where the user made it: "encoder/dense_1". Kept through autodiff and fusion. */
  readonly scope: string;
}

/** A closed piece of graph: outputs as a function of `inputs`; every path from an output ends in an input or a source. */
export interface Graph {
  readonly inputs: readonly Node<"input">[];
  readonly outputs: readonly Node[];
}

let nextId = 1;
let currentScope = "";

/** The scope that nodes made now receive. */
export const scopeNow = (): string => currentScope;

/** Runs `body` with `name` appended to the scope of all nodes that it makes. */
export function withScope<T>(name: string, body: () => T): T {
  return inScope(currentScope === "" ? name : `${currentScope}/${name}`, body);
}

/** Runs `body` with exactly `scope`: derivative rules use it to keep the scope of the node they differentiate. */
export function inScope<T>(scope: string, body: () => T): T {
  const outer = currentScope;
  currentScope = scope;
  try {
    return body();
  } finally {
    currentScope = outer;
  }
}

let witness: ((node: Node) => void) | undefined;

/** Runs `body` and shows `see` every node that it makes: who looks for the cause of an error asks where each was made. */
export function witnessNodes<T>(see: (node: Node) => void, body: () => T): T {
  const outer = witness;
  witness = see;
  try {
    return body();
  } finally {
    witness = outer;
  }
}

/** Makes a node after its shape rule has checked the inputs; throws ShapeError or DTypeError otherwise. */
export function makeNode<K extends Op>(op: K, inputs: readonly Node[], attrs: AttrsOf<K>): Node<K> {
  const { shape, dtype } = inferNode(op, inputs, attrs);
  if (!(dtype in bytesPerElement)) oneOf("dtype", dtype, dtypes, op);
  const node: Node<K> = { id: nextId++, op, inputs, attrs, shape, dtype, scope: currentScope };
  witness?.(node);
  return node;
}

/** Narrows a node to one operation, so that its attributes are typed. */
export const isOp = <K extends Op>(node: Node, op: K): node is Node<K> => node.op === op;
