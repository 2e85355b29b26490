import type { Shape } from "../../base/shape.ts";
import type { AnyLayer, LayerOptions, layers, Structure, Texts } from "../../nn/index.ts";

/** What the layer test wants to know of one use of a layer: Keras's run_layer_test as data. Shapes include the batch. */
export interface Row {
  readonly make: (options: LayerOptions) => AnyLayer;
  /** The shape of its input, or of each of them, in lists and records. */
  readonly inputs: Structure<Shape>;
  /** The shape of its result, or of each. */
  readonly output: Structure<Shape>;
  /** Shapes of the Variables by name, in order; those of layers inside by path. */
  readonly variables?: Readonly<Record<string, Shape>>;
  /** Variables that optimizers leave alone. */
  readonly state?: readonly string[];
  /** Variables that one step on this loss need not move, with the reason. */
  readonly still?: Readonly<Record<string, string>>;
  /** Inputs are class numbers below this; no derivative is taken by them. */
  readonly tokens?: number;
  /** For layers that work on the host: the data, of the shape `inputs`. */
  readonly host?: Texts | readonly (readonly number[])[];
  /** Training and inference differ. */
  readonly training?: boolean;
  /** Training draws random numbers: gradients are compared without it. */
  readonly random?: boolean;
  /** Values must be far apart for finite differences, so that the largest stays the largest. */
  readonly kinks?: boolean;
  /** The result does not depend smoothly on the input: no finite differences, with the reason. */
  readonly roundsInput?: string;
  /** It computes with arrays of its own, whose values the interpreter does not have: no finite differences. */
  readonly captures?: boolean;
  /** What becomes of a mask of the only input. Default refuse. */
  readonly mask?: "refuse" | "keep" | "drop";
  /** The result of unmasked inputs has a mask. */
  readonly makesMask?: boolean;
  /** Inputs that it refuses, with what it says. */
  readonly wrong?: readonly { readonly inputs: Structure<Shape>; readonly message: RegExp }[];
}

/** The entries of `layers` that make layers. */
export type Entry = Exclude<keyof typeof layers, "input">;
export type Rows = { readonly [E in Entry]: readonly Row[] };

/** Two inputs for a layer that takes one. */
export const two = {
  inputs: [
    [2, 3],
    [2, 3],
  ],
  message: /expected one tensor, received several/,
} as const;
/** An input without a batch. */
export const noBatch = {
  inputs: [4],
  message: /expected at least 2 axes \(batch, features\), received \[4\][\s\S]*expandDims\(0\)/,
};
/** One input for a layer that takes several. */
export const one = { inputs: [2, 3], message: /expected a list of two or more tensors/ };
/** A matrix for a layer that takes images. */
export const flat = {
  inputs: [2, 6],
  message: /expected 4 axes \(batch, height, width, channels\), received \[2, 6\]/,
};
/** An input whose last axis has another size than the one that the layer was built for. */
export const otherLast = (inputs: Shape, size: number) => ({
  inputs,
  message: new RegExp(`axis -1 of the input to have size ${size}, received \\[${inputs.join(", ")}\\]`),
});
