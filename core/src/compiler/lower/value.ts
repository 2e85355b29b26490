import { InternalError } from "../../base/errors.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { type BinaryOp, kindOf, type UnaryOp } from "../../graph/primitives.ts";
import {
  and,
  binary,
  bits,
  cast,
  combine,
  compare,
  identityOf,
  int,
  load,
  number,
  select,
  threefryBits,
  unary,
} from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import type { KernelBuilder } from "./kernel.ts";
import { isInline, type Pull, type Reducer, reducerOf } from "./reducer.ts";

/** Which nodes a cluster computes, and which lie in memory. */
export interface Sources {
  readonly members: ReadonlySet<Node>;
  readonly stored: ReadonlySet<Node>;
}

/** Values that the kernel already has: results of reduce stages, contraction blocks, spilled rows. */
export type Known = (node: Node, indices: readonly Expr[], guard: Expr | undefined) => Expr | undefined;

/**
 * Views are index functions: `at` pulls the loop indices through the members down to loads. Equal requests give the same
 * expression object; loads whose indices may be outside are wrapped in the guard that keeps them in.
 */
export class Values implements Pull {
  readonly builder: KernelBuilder;
  readonly sources: Sources;
  readonly #known: Known;
  readonly #memory = new Map<string, Expr>();

  constructor(builder: KernelBuilder, sources: Sources, known: Known = () => undefined) {
    this.builder = builder;
    this.sources = sources;
    this.#known = known;
  }

  get space() {
    return this.builder.space;
  }

  /** The element of `node` at `indices`, where `guard` holds. */
  at(node: Node, indices: readonly Expr[], guard?: Expr): Expr {
    const key = `${node.id}|${indices.map(keyOf).join("|")}|${guard === undefined ? "" : keyOf(guard)}`;
    let value = this.#memory.get(key);
    if (value === undefined) {
      value = this.#known(node, indices, guard) ?? this.#value(node, indices, guard);
      this.#memory.set(key, value);
    }
    return value;
  }

  #value(node: Node, indices: readonly Expr[], guard: Expr | undefined): Expr {
    if (this.#inMemory(node)) return this.load(node, indices, guard);
    if (kindOf(node) === "map") return this.#map(node, indices, guard);
    const reducer = reducerOf(node);
    if (reducer === undefined) return this.#view(node, indices, guard);
    if (!isInline(node)) throw new InternalError(`lower: ${node.op} is read where it is not computed`);
    return this.#unrolled(reducer, indices, guard);
  }

  #inMemory(node: Node): boolean {
    const { members, stored } = this.sources;
    return !members.has(node) && (stored.has(node) || node.op === "input" || node.op === "pick");
  }

  /** The stored element at `indices`; 0 where the guard fails. */
  load(node: Node, indices: readonly Expr[], guard: Expr | undefined): Expr {
    return this.#loadAt(node, this.space.flatten(indices, node.shape), guard);
  }

  #loadAt(node: Node, at: Expr, guard: Expr | undefined): Expr {
    const expr = load(this.builder.read(node), at, node.dtype);
    return guard === undefined ? this.builder.safe(expr) : select(guard, expr, number(0, node.dtype));
  }

  #map(node: Node, indices: readonly Expr[], guard: Expr | undefined): Expr {
    const [x, y, z] = node.inputs.map((source) => this.at(source, indices, guard)) as [Expr, Expr, Expr]; // arity checked by infer
    if (isOp(node, "compare")) return compare(node.attrs.compare, x, y);
    if (isOp(node, "bits")) return bits(node.attrs.bits, x, y);
    if (isOp(node, "cast")) return cast(x, node.attrs.dtype);
    if (isOp(node, "where")) return select(x, y, z);
    // The other maps carry the names of scalar operations.
    return node.inputs.length === 1 ? unary(node.op as UnaryOp, x) : binary(node.op as BinaryOp, x, y);
  }

  /** Sources and views. */
  #view(node: Node, indices: readonly Expr[], guard: Expr | undefined): Expr {
    const { space } = this;
    const x = node.inputs[0]!;
    if (isOp(node, "const")) return number(node.attrs.value, node.dtype);
    if (isOp(node, "iota")) return cast(indices[node.attrs.axis]!, node.dtype);
    if (isOp(node, "randomBits")) {
      const counter = cast(space.flatten(indices, node.shape), "u32");
      return threefryBits(this.at(x, [int(0)]), this.at(x, [int(1)]), counter);
    }
    if (isOp(node, "reshape")) {
      const flat = space.flatten(indices, node.shape);
      // Memory needs no indices: where a guard keeps them inside, taking the position apart would cost divisions.
      return this.#inMemory(x) ? this.#loadAt(x, flat, guard) : this.at(x, space.unflatten(flat, x.shape), guard);
    }
    if (isOp(node, "permute"))
      return this.at(
        x,
        x.shape.map((_, axis) => indices[node.attrs.order.indexOf(axis)]!),
        guard,
      );
    if (isOp(node, "expand"))
      return this.at(
        x,
        indices.map((index, axis) => (x.shape[axis] === 1 ? int(0) : index)),
        guard,
      );
    if (isOp(node, "slice")) {
      const { start, step } = node.attrs;
      return this.at(
        x,
        indices.map((index, axis) => space.add(space.mul(index, step[axis]!), int(start[axis]!))),
        guard,
      );
    }
    if (isOp(node, "windows")) {
      const { axes, stride, dilation } = node.attrs;
      const rank = x.shape.length;
      const inner = x.shape.map((_, axis) => {
        const i = axes.indexOf(axis);
        return i < 0
          ? indices[axis]!
          : space.add(space.mul(indices[axis]!, stride[i]!), space.mul(indices[rank + i]!, dilation[i]!));
      });
      return this.at(x, inner, guard);
    }
    if (isOp(node, "pad")) return this.#pad(node, indices, guard);
    if (isOp(node, "concat")) return this.#concat(node, indices, guard);
    if (isOp(node, "gather")) return this.#gather(node, indices, guard);
    if (isOp(node, "detach") || isOp(node, "tap") || isOp(node, "custom") || isOp(node, "barrier"))
      return this.at(x, indices, guard);
    throw new InternalError(`lower: ${node.op} cannot be computed inside a loop`);
  }

  #pad(node: Node<"pad">, indices: readonly Expr[], guard: Expr | undefined): Expr {
    const { space } = this;
    const { low, between, value } = node.attrs;
    const x = node.inputs[0]!;
    let valid: Expr = number(1, "bool");
    const inner = indices.map((index, axis) => {
      const step = between[axis]! + 1;
      const position = space.sub(index, int(low[axis]!));
      const quotient = space.div(position, step);
      valid = and(valid, and(space.equal(space.mod(position, step), int(0)), space.inside(quotient, x.shape[axis]!)));
      return quotient;
    });
    return select(valid, this.at(x, inner, this.#both(guard, valid)), number(value, node.dtype));
  }

  #concat(node: Node<"concat">, indices: readonly Expr[], guard: Expr | undefined): Expr {
    const { space } = this;
    const { axis } = node.attrs;
    const index = indices[axis]!;
    const starts = node.inputs.map((_, i) => node.inputs.slice(0, i).reduce((sum, { shape }) => sum + shape[axis]!, 0));
    let value: Expr | undefined;
    for (let i = node.inputs.length - 1; i >= 0; i--) {
      const part = node.inputs[i]!;
      if (part.shape[axis] === 0) continue;
      const end = starts[i]! + part.shape[axis]!;
      const inside = and(space.less(int(starts[i]! - 1), index), space.less(index, int(end)));
      if (inside.kind === "number" && inside.value === 0) continue;
      const at = indices.map((other, a) => (a === axis ? space.sub(other, int(starts[i]!)) : other));
      const element = this.at(part, at, this.#both(guard, inside));
      value = value === undefined ? element : select(space.less(index, int(end)), element, value);
    }
    return value ?? number(0, node.dtype);
  }

  #gather(node: Node<"gather">, indices: readonly Expr[], guard: Expr | undefined): Expr {
    const { axis } = node.attrs;
    const [x, positions] = node.inputs as readonly [Node, Node];
    const rank = positions.shape.length;
    const position = this.at(positions, indices.slice(axis, axis + rank), guard);
    const inside = this.space.inside(position, x.shape[axis]!);
    const at = [...indices.slice(0, axis), position, ...indices.slice(axis + rank)];
    return select(inside, this.at(x, at, this.#both(guard, inside)), number(0, node.dtype));
  }

  #both(guard: Expr | undefined, condition: Expr): Expr | undefined {
    const both = guard === undefined ? condition : and(guard, condition);
    return both.kind === "number" && both.value === 1 ? undefined : both;
  }

  /** A reducer of few terms, written out. */
  #unrolled(
    { node, op, extents, accumulator, term }: Reducer,
    indices: readonly Expr[],
    guard: Expr | undefined,
  ): Expr {
    const terms = extents.reduce((product, extent) => product * extent, 1);
    let sum: Expr | undefined;
    for (let i = 0; i < terms; i++) {
      const value = term(this, indices, this.space.unflatten(int(i), extents), guard);
      sum = sum === undefined ? value : combine(op, sum, value);
    }
    return cast(sum ?? identityOf(op, accumulator), node.dtype);
  }
}
