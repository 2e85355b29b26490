import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import type { Tensor } from "./tensor.ts";

// What NumPy calls a signature: "(m,n),(n)->(m)" names the axes that one call of a function takes and gives. The axes before them
// are loops. See numpy.org/doc/stable/reference/c-api/generalized-ufuncs.html

/** The names of the axes of each argument and of each result. */
export interface Signature {
  readonly text: string;
  readonly takes: readonly (readonly string[])[];
  readonly gives: readonly (readonly string[])[];
}

/** A tensor's loops, and the axes of one call. */
export interface Apart {
  readonly tensor: Tensor;
  readonly outer: Shape;
  readonly inner: Shape;
}

const axes = String.raw`\((?:\w+(?:,\w+)*)?\)`;
const form = new RegExp(`^(${axes}(?:,${axes})*)->(${axes}(?:,${axes})*)$`);

/** The signature that `text` is. */
export function parseSignature(text: string): Signature {
  const found = form.exec(text.replaceAll(/\s+/g, ""));
  if (found === null) {
    throw new ArgumentError({
      what: `vectorize: "${text}" is not a signature`,
      hint: 'name the axes of each argument and of each result: "(m,n),(n)->(m)"; scalars are ()',
    });
  }
  const lists = (part: string): string[][] =>
    [...part.matchAll(/\(([^)]*)\)/g)].map(([, names]) => (names === "" ? [] : names!.split(","))); // the group is always there
  return { text, takes: lists(found[1]!), gives: lists(found[2]!) }; // as are these
}

/** Each argument with its loops apart; notes the size of each named axis in `sizes`. Without a signature all axes are loops. */
export function takeApart(
  tensors: readonly Tensor[],
  signature: Signature | undefined,
  sizes: Map<string, number>,
): readonly Apart[] {
  if (signature === undefined) return tensors.map((tensor) => ({ tensor, outer: tensor.shape, inner: [] }));
  const { takes, text } = signature;
  if (takes.length !== tensors.length) {
    throw new ArgumentError({
      what: `vectorize: the signature ${text} takes ${takes.length} arguments, received ${tensors.length}`,
      hint: "arguments that are excluded are not part of the signature",
    });
  }
  return tensors.map((tensor, at) => {
    const names = takes[at]!; // lengths are equal
    const loops = tensor.rank - names.length;
    if (loops < 0) throw misfit(`argument ${at} has fewer axes than (${names.join(",")})`, tensor, text);
    const inner = tensor.shape.slice(loops);
    note(names, inner, sizes, () => misfit(`argument ${at} has an axis of another size`, tensor, text, sizes));
    return { tensor, outer: tensor.shape.slice(0, loops), inner };
  });
}

/** Demands that the function has returned what the signature says. */
export function checkResults(made: readonly Tensor[], { gives, text }: Signature, sizes: Map<string, number>): void {
  if (made.length !== gives.length)
    throw new ArgumentError(`vectorize: the signature ${text} gives ${gives.length} results, received ${made.length}`);
  made.forEach((tensor, at) => {
    const names = gives[at]!; // lengths are equal
    if (tensor.rank !== names.length)
      throw misfit(`result ${at} has ${tensor.rank} axes instead of ${names.length}`, tensor, text);
    note(names, tensor.shape, sizes, () => misfit(`result ${at} has an axis of another size`, tensor, text, sizes));
  });
}

function note(names: readonly string[], shape: Shape, sizes: Map<string, number>, error: () => ShapeError): void {
  names.forEach((name, axis) => {
    const size = shape[axis]!; // as many sizes as names
    if ((sizes.get(name) ?? size) !== size) throw error();
    sizes.set(name, size);
  });
}

const misfit = (what: string, { shape }: Tensor, signature: string, sizes = new Map<string, number>()): ShapeError =>
  new ShapeError({
    what: `vectorize: ${what}`,
    details: [
      { role: "signature", value: signature },
      { role: "received", value: printShape(shape) },
    ],
    hint: `the last axes are those of the signature${sizes.size === 0 ? "" : `: ${[...sizes].map(([name, size]) => `${name} = ${size}`).join(", ")}`}`,
  });
