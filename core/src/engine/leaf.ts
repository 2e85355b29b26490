import type { DType } from "../base/dtype.ts";
import { TraceError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { input } from "../graph/build.ts";
import { originOf } from "../graph/describe.ts";
import type { Node } from "../graph/node.ts";
import { Storage } from "./storage.ts";

/** Who has a storage and may exchange it for another with the same value (on another device, or a copy of its own). */
export interface Holder {
  storage: Storage;
}

/**
 * An `input` node outside of a trace, and the value behind it. One object, because what maps and finalizers know of lives
 * until V8 collects more than young objects.
 */
class Leaf implements Node<"input">, Holder {
  readonly id: number;
  readonly op = "input";
  readonly inputs: readonly Node[];
  readonly attrs: Node<"input">["attrs"];
  readonly shape: Shape;
  readonly dtype: DType;
  readonly scope: string;
  storage: Storage;
  disposed = false;
  /** Tensors that were made on the leaf and not disposed: the memory goes back at once when the last one is. */
  tensors = 0;

  constructor({ id, inputs, attrs, shape, dtype, scope }: Node<"input">, storage: Storage) {
    this.id = id;
    this.inputs = inputs;
    this.attrs = attrs;
    this.shape = shape;
    this.dtype = dtype;
    this.scope = scope;
    this.storage = storage;
  }
}

const leafOf = (node: Node): Leaf | undefined => (node instanceof Leaf ? node : undefined);

/** The same count for nodes that are not computed yet. */
const tensorCounts = new WeakMap<Node, number>();
/** What has been computed: a node and the leaf that stands for it. */
const realised = new WeakMap<Node, Node>();

/** A new `input` node that stands for the value in `storage`, and takes over one reference to it. */
export const makeLeaf = (storage: Storage, name: string): Node<"input"> =>
  new Leaf(input(name, storage.shape, storage.dtype), storage);

/** A leaf for bytes in the host's memory, which are uploaded when a program first needs them. */
export const hostLeaf = (bytes: Uint8Array, shape: Shape, dtype: DType, name = "tensor"): Node<"input"> =>
  makeLeaf(new Storage({ shape, dtype }, { host: bytes }), name);

export const isLeaf = (node: Node): boolean => node instanceof Leaf;
export const isDisposed = (node: Node): boolean => leafOf(node)?.disposed === true;

/** The leaf that stands for `node` if its value has been asked for, else `node` itself. */
export const resolve = (node: Node): Node => leafOf(node) ?? realised.get(node) ?? node;

export function markRealised(node: Node, leaf: Node): void {
  realised.set(node, leaf);
  leafOf(leaf)!.tensors = tensorCounts.get(node) ?? 0; // whoever calls has made a leaf
}

/** What holds the value of a leaf node; throws when it was disposed, or when the node is an input of a trace. */
export function holderOf(node: Node): Holder {
  const leaf = leafOf(node);
  if (leaf === undefined) {
    throw new TraceError({
      what: `the value ${originOf(node)} exists only while its function is traced`,
      hint: "return it from the jitted function, or assign it to a variable, and read that",
    });
  }
  if (leaf.disposed) {
    throw new TraceError({
      what: `the tensor ${originOf(node)} was disposed before a value that depends on it was read`,
      hint: "read the result before the tensor is disposed, or leave disposal to the garbage collector",
    });
  }
  return leaf;
}

/** Counts one tensor more on `node`. */
export function countTensor(node: Node): void {
  const leaf = leafOf(node);
  if (leaf === undefined) tensorCounts.set(node, (tensorCounts.get(node) ?? 0) + 1);
  else leaf.tensors++;
}

/** Counts one tensor less on `node`; the last one gives the memory behind it back. */
export function discountTensor(node: Node): void {
  const leaf = leafOf(node);
  if (leaf === undefined) {
    tensorCounts.set(node, (tensorCounts.get(node) ?? 0) - 1);
    return;
  }
  if (--leaf.tensors > 0 || leaf.disposed) return;
  leaf.disposed = true;
  leaf.storage.release();
}
