import * as autodiff from "../autodiff/index.ts";
import { ArgumentError } from "../base/errors.ts";
import { inBody, whileDifferentiating } from "../engine/index.ts";
import { custom } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import { contribute, contributionsOf } from "./bodies.ts";
import type { AnyFunction } from "./jit.ts";
import { asNode, type TensorLike } from "./like.ts";
import { type Made, made, type Placed, recorded } from "./recorded.ts";
import { Tensor } from "./tensor.ts";
import { type Flat, flatten } from "./tree.ts";

export interface GradOptions {
  /** Which arguments to differentiate with respect to; the first when not given. */
  readonly argnums?: number | readonly number[];
}
export interface ValueAndGradOptions<Aux extends boolean = boolean> extends GradOptions {
  /** The function returns [loss, anything else]. */
  readonly hasAux?: Aux;
}

/** What a gradient has for a value of type T: tensors where T has tensors or numbers. */
export type GradOf<T> =
  T extends Tensor<infer S, infer D>
    ? Tensor<S, D>
    : T extends number
      ? Tensor<[], "f32">
      : T extends readonly unknown[] | Record<string, unknown>
        ? { -readonly [K in keyof T]: GradOf<T[K]> }
        : T;

/** A list of tensors and a list of their gradients. */
export type GradsOf<W extends readonly Tensor[]> = { -readonly [K in keyof W]: GradOf<W[K]> };

/**
 * The gradients of a scalar loss. `grad(() => loss, [w, b])` computes them now, with respect to the variables or tensors
 * listed; `grad(fn)` returns the function of fn's arguments that gives the gradient with respect to the first.
 */
export function grad<const W extends readonly Tensor[]>(loss: () => Tensor, wrt: W): GradsOf<W>;
export function grad<A, R extends readonly unknown[]>(
  fn: (first: A, ...rest: R) => Tensor,
  options?: { readonly argnums?: 0 },
): (first: A, ...rest: R) => GradOf<A>;
export function grad<R extends readonly unknown[]>(
  fn: (...args: R) => Tensor,
  options: GradOptions,
): (...args: R) => unknown;
export function grad(fn: (...args: never[]) => Tensor, second: readonly Tensor[] | GradOptions = {}): unknown {
  if (isList(second)) return immediate(fn as () => Tensor, second)[1];
  const both = functional(fn, second);
  return (...args: never[]) => both(...args)[1];
}

/** The loss together with its gradients, in the same two forms as `grad`. With `hasAux`, the loss is [loss, aux]. */
export function valueAndGrad<L extends Tensor, const W extends readonly Tensor[]>(
  loss: () => L,
  wrt: W,
): [L, GradsOf<W>];
export function valueAndGrad<L extends Tensor, X, const W extends readonly Tensor[]>(
  loss: () => readonly [L, X],
  wrt: W,
  options: { readonly hasAux: true },
): [[L, X], GradsOf<W>];
export function valueAndGrad<L extends Tensor, A, R extends readonly unknown[]>(
  fn: (first: A, ...rest: R) => L,
  options?: { readonly argnums?: 0 },
): (first: A, ...rest: R) => [L, GradOf<A>];
export function valueAndGrad<L extends Tensor, X, A, R extends readonly unknown[]>(
  fn: (first: A, ...rest: R) => readonly [L, X],
  options: { readonly argnums?: 0; readonly hasAux: true },
): (first: A, ...rest: R) => [[L, X], GradOf<A>];
export function valueAndGrad<L, R extends readonly unknown[]>(
  fn: (...args: R) => L,
  options: ValueAndGradOptions,
): (...args: R) => [L, unknown];
export function valueAndGrad(
  fn: (...args: never[]) => unknown,
  second: readonly Tensor[] | ValueAndGradOptions = {},
): unknown {
  if (isList(second)) return immediate(fn as () => unknown, second);
  return functional(fn, second);
}

const wrap = (nodes: readonly Node[]): Tensor[] => nodes.map((node) => new Tensor(node));
const nodesOf = ({ tensors }: Flat): Node[] => tensors.map(({ node }) => node);
const isList = (given: readonly Tensor[] | GradOptions): given is readonly Tensor[] => Array.isArray(given);

function immediate(fn: () => unknown, wrt: readonly Tensor[]): [unknown, Tensor[]] {
  // Variables are read first: what the function assigns to them is not what the derivative is about.
  const [nodes, value] = whileDifferentiating(() => [wrt.map(({ node }) => node), fn()] as const);
  return [value, autodiff.gradient(lossOf(value), nodes).map((node) => new Tensor(node))];
}

function functional(fn: AnyFunction, { argnums = 0 }: GradOptions): (...args: unknown[]) => [unknown, unknown] {
  const list = typeof argnums === "number" ? [argnums] : argnums;
  return (...args) => {
    const parts = list.map((position) => {
      if (position < 0 || position >= args.length)
        throw new ArgumentError(`grad: there is no argument ${position} among ${args.length}`);
      return flatten(args[position], `argument ${position}`, { numbers: "traced" });
    });
    // Each argument becomes a node of its own: the derivative is about this use of the value, not about all others.
    const nodes = parts.map(({ tensors }) => tensors.map(({ node }) => custom("argument", node, [node], (g) => [g])));
    const given = [...args];
    parts.forEach((part, index) => {
      given[list[index]!] = part.rebuild(nodes[index]!.map((node) => new Tensor(node)));
    });
    const value = whileDifferentiating(() => (fn as (...args: unknown[]) => unknown)(...given)); // given has the types of args
    const found = autodiff.gradient(lossOf(value), nodes.flat()).map((node) => new Tensor(node));
    const grads = parts.map((part) => part.rebuild(found.splice(0, part.tensors.length)));
    return [value, typeof argnums === "number" ? grads[0] : grads];
  };
}

/** The loss in what a differentiated function returned: the tensor, or the first of [loss, aux]. */
function lossOf(value: unknown): Node {
  const loss = Array.isArray(value) ? value[0] : value;
  if (loss instanceof Tensor) return loss.node;
  throw new ArgumentError({
    what: `grad: the function must return a scalar tensor, received ${loss === undefined ? "nothing" : typeof loss}`,
    hint: "return the loss; with { hasAux: true }, return [loss, other]",
  });
}

/** The same values, through which no derivative flows. */
export const stopGradient = recorded(
  "stopGradient",
  <X extends Placed>(x: X): Made<X> => made(ops.stopGradient(asNode(x))),
);

/** `fn` with a derivative of its own: it returns the value, and how the gradient of the value becomes those of the arguments. */
export function customGradient<A extends readonly Tensor[], R extends Tensor>(
  fn: (...xs: A) => { readonly value: R; readonly gradient: (g: R) => Tensor | readonly (Tensor | undefined)[] },
): (...xs: { [K in keyof A]: TensorLike }) => R {
  return (...xs) => {
    const made = autodiff.customGradient((...nodes) => {
      const { value, gradient } = fn(...(nodes.map((node) => new Tensor(node)) as unknown as A)); // one tensor for each of A
      return {
        value: value.node,
        gradient: (g) => {
          const given = gradient(new Tensor(g) as unknown as R); // g is like the value
          return given instanceof Tensor ? given.node : given.map((entry) => entry?.node);
        },
      };
    });
    return new Tensor(made(...xs.map((x) => asNode(x)))) as unknown as R; // R by the declaration of fn
  };
}

/** `fn` without memory for what it computes on the way: the derivative computes it again (gradient checkpointing). */
export function remat<A extends readonly unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    const flat = flatten(args, "remat: argument");
    let rebuild: ((tensors: readonly Tensor[]) => unknown) | undefined;
    const guarded = autodiff.remat((...nodes: Node[]): readonly Node[] => {
      const result = fn(...(flat.rebuild(wrap(nodes)) as unknown as A)); // args, rebuilt
      const out = flatten(result, "remat: the result");
      rebuild = out.rebuild;
      return nodesOf(out);
    });
    const nodes = guarded(...nodesOf(flat));
    return rebuild!(wrap(nodes)) as R; // the result, rebuilt
  };
}

export interface ScanOptions {
  readonly reverse?: boolean;
  /** The number of steps, when there is no sequence that tells it. */
  readonly length?: number;
}

/** One step of a `scan`: the next carry, and what to collect. */
export interface Step<C, Y> {
  readonly carry: C;
  readonly out: Y;
}

/**
 * Runs `body` over the steps (axis 0) of all tensors in `sequences`, handing a carry from step to step. Returns the last
 * carry, and the results of the steps stacked. Carry, sequences and results are tensors or trees of them.
 */
export function scan<C, X, Y>(
  body: (carry: C, step: X) => Step<C, Y>,
  carry: C,
  sequences: X,
  options: ScanOptions = {},
): Step<C, Y> {
  const start = flatten(carry, "scan: the carry", { numbers: "traced" });
  const steps = flatten(sequences, "scan: the sequences");
  let collected: Flat | undefined;
  let added: ReturnType<typeof contributionsOf>["contributions"] = [];
  const result = ops.scan(
    (states, slices) =>
      inBody(() => {
        // Trees of the same structure as carry and sequences.
        const { result: next, contributions } = contributionsOf(() =>
          body(start.rebuild(wrap(states)) as C, steps.rebuild(wrap(slices)) as X),
        );
        added = contributions;
        collected = flatten(next.out, "scan: the result of a step");
        return {
          carry: nodesOf(flatten(next.carry, "scan: the carry", { numbers: "traced" })),
          out: [...nodesOf(collected), ...added.map(({ value }) => value.node)],
        };
      }),
    nodesOf(start),
    nodesOf(steps),
    options,
  );
  const sums = result.out.splice(result.out.length - added.length);
  for (const [at, { take, depth }] of added.entries()) contribute(new Tensor(ops.sum(sums[at]!, 0)), take, depth);
  return { carry: start.rebuild(wrap(result.carry)) as C, out: collected!.rebuild(wrap(result.out)) as Y }; // as above
}

/** The result of `then` or of `otherwise`, both functions of `operands`; only the chosen one is computed. */
export function cond<A extends readonly unknown[], R>(
  predicate: Tensor,
  then: (...operands: A) => R,
  otherwise: (...operands: A) => R,
  ...operands: A
): R {
  const flat = flatten(operands, "cond: operand", { numbers: "traced" });
  let out: Flat | undefined;
  const branch = (fn: (...operands: A) => R) => (nodes: Node[]) =>
    inBody(() => {
      const { result, contributions } = contributionsOf(
        () => fn(...(flat.rebuild(wrap(nodes)) as unknown as A)), // operands, rebuilt
      );
      if (contributions.length > 0) {
        throw new ArgumentError({
          what: "cond: a branch adds a loss, of which the other branch knows nothing",
          hint: "return it from both branches (0 from one), and add it where cond is called",
        });
      }
      out = flatten(result, "cond: the result");
      return nodesOf(out);
    });
  const nodes = ops.cond(predicate.node, branch(then), branch(otherwise), nodesOf(flat));
  return out!.rebuild(wrap(nodes)) as R; // the result of a branch, rebuilt
}
