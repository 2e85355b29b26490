import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import { einsum, type Tensor } from "../tensor/index.ts";
import { demandMinimumRank } from "./checks.ts";
import { optional, text } from "./fieldKinds.ts";
import { field, type GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { biasOf, type KernelVariables, kernelFields, kernelOf } from "./kernelAndBias.ts";
import { AnyLayer, type LayerOptions } from "./layer.ts";

type OpenSizes = readonly (number | null)[];

const { useBias: _, ...ownFields } = kernelFields;
const fields = {
  /** As in einsum: the input, the kernel, the result, "abc,cd->abd"; "..." stands for any axes. */
  equation: text(),
  /** The sizes of the result without the batch; null where it is the input's. One number for a single axis. */
  outputShape: field<number | OpenSizes, OpenSizes>({
    parse: (name, given) => {
      const sizes: OpenSizes = typeof given === "number" ? [given] : given;
      if (Array.isArray(sizes) && sizes.every((size) => size === null || (Number.isInteger(size) && size > 0)))
        return sizes;
      throw new ArgumentError(`${name} takes a list of positive sizes or null, received ${JSON.stringify(given)}`);
    },
    read: (json) => (Array.isArray(json) && json.length <= 16 ? json : undefined),
    expected: "a list of sizes or null",
  }),
  /** The axes of the result that have a learned offset, by their letters: "d". Default: no bias. */
  biasAxes: optional(text()),
  ...ownFields,
};
export interface EinsumDenseOptions extends LayerOptions, GivenOf<typeof fields, "equation" | "outputShape"> {}

/** A dense layer over any axes: y = activation(einsum(equation, x, kernel) + bias). */
export class EinsumDense extends AnyLayer<KernelVariables, typeof fields> {
  static override readonly name: string = "EinsumDense";
  static readonly fields = fields;
  static readonly positional = ["equation", "outputShape"];

  constructor(equation: string, outputShape: number | OpenSizes, options: EinsumDenseOptions = {}) {
    super(options, { equation, outputShape });
    termsOf(equation);
  }

  override build(input: Shape): KernelVariables {
    const { equation, outputShape, biasAxes } = this.options;
    const { kernel, bias } = shapesOf(equation, input, outputShape, biasAxes);
    const options = { ...this.options, useBias: biasAxes !== undefined };
    return { kernel: kernelOf(kernel, options), ...biasOf(bias, options) };
  }

  override check(input: Shape): void {
    demandMinimumRank(input, 2);
    const { equation, outputShape, biasAxes } = this.options;
    const { kernel } = shapesOf(equation, input, outputShape, biasAxes);
    if (!this.built || kernel.every((size, axis) => size === this.own.kernel.shape[axis])) return;
    throw new ShapeError({
      what: `${scopeNow()}: the layer was built for other sizes, received ${printShape(input)}`,
      details: [{ role: "kernel", value: printShape(this.own.kernel.shape) }],
    });
  }

  override call(x: Tensor, { kernel, bias }: KernelVariables): Tensor {
    const sum = einsum(this.options.equation, floating(x), kernel);
    return this.options.activation(bias === undefined ? sum : (sum.add(bias) as Tensor));
  }
}

interface Terms {
  readonly input: string;
  readonly kernel: string;
  readonly output: string;
}

/** The three terms of an equation, without spaces. */
function termsOf(equation: string): Terms {
  const match = /^([a-zA-Z.]+),([a-zA-Z]+)->([a-zA-Z.]+)$/.exec(equation.replaceAll(" ", ""));
  const [, input, kernel, output] = match ?? [];
  const elided = (term: string | undefined): boolean => term?.includes("...") === true;
  if (input !== undefined && kernel !== undefined && output !== undefined && elided(input) === elided(output))
    return { input, kernel, output };
  throw new ArgumentError({
    what: `einsumDense: "${equation}" is not an equation of an input and a kernel`,
    hint: 'write the input, the kernel and the result: "abc,cd->abd", or "...x,xy->...y"',
  });
}

/** The sizes of the letters of a term for a shape; the axes under "..." have no letter. */
function sizesOf(term: string, shape: OpenSizes, what: string): Map<string, number | null> {
  const [before = "", after] = term.split("...");
  const letters = after === undefined ? before : before + after;
  const fits = after === undefined ? shape.length === letters.length : shape.length >= letters.length;
  if (!fits)
    throw new ShapeError(`${scopeNow()}: ${what} has ${shape.length} axes, the equation names ${letters.length}`);
  const from = (index: number): number => (index < before.length ? index : shape.length - letters.length + index);
  return new Map([...letters].map((letter, index) => [letter, shape[from(index)]!]));
}

/** The shapes of kernel and bias: each letter has the size that input or result say. */
function shapesOf(
  equation: string,
  input: Shape,
  outputShape: OpenSizes,
  biasAxes: string | undefined,
): { readonly kernel: Shape; readonly bias: Shape } {
  const { input: left, kernel, output } = termsOf(equation);
  const inner = sizesOf(left, input, "the input");
  const outer = sizesOf(output, [null, ...outputShape], "the result");
  const sizeOf = (letter: string): number => {
    const size = inner.get(letter) ?? outer.get(letter);
    if (typeof size === "number") return size;
    throw new ShapeError(`${scopeNow()}: neither the input nor outputShape says the size of "${letter}"`);
  };
  for (const [letter, size] of outer) {
    const known = inner.get(letter);
    if (size === null || known === undefined || known === size) continue;
    throw new ShapeError(`${scopeNow()}: "${letter}" is ${known} in the input and ${size} in outputShape`);
  }
  return { kernel: [...kernel].map(sizeOf), bias: biasShape(output, biasAxes ?? "", sizeOf) };
}

/** From the first letter with a bias on: its size, or 1; axes under "..." repeat it. */
function biasShape(output: string, biasAxes: string, sizeOf: (letter: string) => number): Shape {
  const unknown = [...biasAxes].find((letter) => !output.includes(letter));
  if (unknown !== undefined)
    throw new ArgumentError(`biasAxes names "${unknown}", which is no axis of the result "${output}"`);
  if (biasAxes === "") return [];
  const first = Math.min(...[...biasAxes].map((letter) => output.indexOf(letter)));
  const tail = output.slice(first);
  if (tail.includes("..."))
    throw new ArgumentError(`biasAxes "${biasAxes}" stand before "..." in "${output}", where sizes are not known`);
  return [...tail].map((letter) => (biasAxes.includes(letter) ? sizeOf(letter) : 1));
}
