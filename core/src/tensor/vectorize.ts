import type { DType } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { broadcastShape } from "../ops/index.ts";
import { checkResults, parseSignature, takeApart } from "./coreAxes.ts";
import { asTensor } from "./create.ts";
import type { TensorLike } from "./like.ts";
import { mapOver } from "./loops.ts";
import { Tensor } from "./tensor.ts";

export interface VectorizeOptions {
  /** Arguments, by position, that are handed on as they are. */
  readonly excluded?: readonly number[];
  /** The axes that one call takes and gives, as NumPy writes them: "(m,n),(n)->(m)". Default: scalars. */
  readonly signature?: string;
}

type Results = Tensor | readonly Tensor[];

/** What a function of elements becomes: where it takes tensors, anything that tensors are made of; other arguments stay. */
export type Vectorized<A extends readonly unknown[], R> = (
  ...given: { [K in keyof A]: A[K] extends Tensor ? TensorLike : A[K] }
) => OfAnyShape<R>;
type OfAnyShape<R> =
  R extends Tensor<Shape, infer D extends DType> ? Tensor<Shape, D> : { -readonly [K in keyof R]: OfAnyShape<R[K]> };

/**
 * A function of whole tensors made of one of their elements, as `numpy.vectorize`: `fn` sees scalars, or the last axes that the
 * signature names; the axes before those broadcast. It is traced once for all elements, which are computed as one program.
 */
export function vectorize<A extends readonly Tensor[], R extends Results>(
  fn: (...elements: A) => R,
  options?: { readonly signature?: string },
): Vectorized<A, R>;
export function vectorize<A extends readonly unknown[], R extends Results>(
  fn: (...elements: A) => R,
  options?: VectorizeOptions,
): Vectorized<A, R>;
export function vectorize<A extends readonly unknown[], R extends Results>(
  fn: (...elements: A) => R,
  { excluded = [], signature: text }: VectorizeOptions = {},
): Vectorized<A, R> {
  const signature = text === undefined ? undefined : parseSignature(text);
  return (...given) => {
    demandPositions(excluded, given.length);
    const places = given.map((_, place) => place).filter((place) => !excluded.includes(place));
    const sizes = new Map<string, number>();
    const operands = takeApart(
      places.map((place) => asTensor(given[place] as TensorLike)), // by the declaration of fn
      signature,
      sizes,
    );
    const loop = broadcastShape(
      "vectorize",
      operands.map(({ outer }) => outer),
    );

    // One call. What no loop repeats is the same for all of them.
    const call = (elements: readonly Tensor[]): R => {
      const whole: unknown[] = [...given];
      let next = 0;
      operands.forEach(({ tensor, outer, inner }, at) => {
        whole[places[at]!] = repeats(outer) ? elements[next++] : tensor.reshape(inner);
      });
      const made = fn(...(whole as unknown as A)); // given, with elements in place of tensors
      if (signature !== undefined) checkResults(asList(made), signature, sizes);
      return made;
    };

    // All calls, in the flat order of the loops.
    const count = sizeOf(loop);
    const flat = operands
      .filter(({ outer }) => repeats(outer))
      .map(({ tensor, inner }) => tensor.broadcastTo([...loop, ...inner]).reshape([count, ...inner]) as Tensor);
    const made: R = flat.length === 0 ? call([]) : mapOver<readonly Tensor[], R>(call, flat);
    const shaped = (each: Tensor): Tensor =>
      each.reshape([...loop, ...(flat.length === 0 ? each.shape : each.shape.slice(1))]) as Tensor;
    return (made instanceof Tensor ? shaped(made) : asList(made).map(shaped)) as OfAnyShape<R>; // in the form of R
  };
}

const repeats = (outer: Shape): boolean => sizeOf(outer) !== 1;
const asList = (made: Results): readonly Tensor[] => (made instanceof Tensor ? [made] : made);

function demandPositions(excluded: readonly number[], count: number): void {
  const odd = excluded.find((position) => !Number.isInteger(position) || position < 0 || position >= count);
  if (odd === undefined) return;
  throw new ArgumentError({
    what: `vectorize: there is no argument ${odd} to exclude among ${count}`,
    hint: "positions count from 0",
  });
}
