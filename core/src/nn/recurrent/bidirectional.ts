import { ArgumentError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import { concatenate, type Tensor } from "../../tensor/index.ts";
import type { CallContext } from "../context.ts";
import { copyLayer } from "../copyLayer.ts";
import { choice, optional } from "../fieldKinds.ts";
import type { GivenOf } from "../fields.ts";
import { AnyLayer, type Inputs, type Layer, type LayerOptions, type Outputs, type Variables } from "../layer.ts";
import { layerField } from "../layerField.ts";
import { type Masked, masked, maskOf, valuesOf } from "../masked.ts";
import type { Structure } from "../structure.ts";
import { argumentsOf, isShape, partsOf, Recurrent, type RecurrentInput } from "./recurrent.ts";

const fields = {
  layer: layerField<Recurrent>(Recurrent),
  /** How the two results become one; "none" gives both in a list. Default concat. */
  mergeMode: choice(["concat", "sum", "mul", "ave", "none"], "concat"),
  /** The layer that reads backwards; by default a copy of the first with weights of its own. */
  backwardLayer: optional(layerField<Recurrent>(Recurrent)),
};

export interface BidirectionalOptions extends LayerOptions, GivenOf<typeof fields, "layer"> {}

/** A recurrent layer, whatever the form of its result. */
export type Pattern = Pick<Recurrent, "cell" | "name" | "resetState">;

type One = Tensor | Masked<Tensor>;

/**
 * A recurrent layer that reads the sequence forwards, and another that reads it backwards (Schuster & Paliwal 1997). With
 * `returnState` the states follow, first those of the forward layer; initial states are given in the same order.
 */
export class Bidirectional extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "Bidirectional";
  static readonly fields = fields;
  static readonly positional = ["layer"];
  static readonly masking = "own";
  readonly forwardLayer: Recurrent;
  readonly backwardLayer: Recurrent;

  constructor(pattern: Pattern, options: BidirectionalOptions = {}) {
    super(options, { layer: pattern });
    const { layer, backwardLayer } = this.options;
    // As Keras has it: sequences of both directions are zero where nothing counts.
    const zeroOutputForMask = layer.options.returnSequences;
    const copy = (changes: object): Recurrent =>
      copyLayer(layer as AnyLayer, { zeroOutputForMask, ...changes }) as Recurrent; // of the same class
    this.forwardLayer = copy({ name: `forward_${layer.name}` });
    this.backwardLayer = backwardLayer ?? copy({ name: `backward_${layer.name}`, goBackwards: !goesBackwards(layer) });
    if (goesBackwards(this.forwardLayer) !== goesBackwards(this.backwardLayer)) return;
    throw new ArgumentError({
      what: `${this.name}: both layers go in the same direction`,
      hint: "make the backward layer with goBackwards: true",
    });
  }

  /** The copies hold the weights; the layer that was given is only their pattern. */
  override get layers(): readonly Layer[] {
    return [this.forwardLayer, this.backwardLayer] as unknown as readonly Layer[]; // layers, whatever their options
  }

  override check(given: Structure<Shape>): void {
    const halves = this.#halves(partsOf<Shape>(given as RecurrentInput<Shape>, isShape));
    this.forwardLayer.check(halves.forward as Structure<Shape>);
    this.backwardLayer.check(halves.backward as Structure<Shape>);
  }

  override call(given: Inputs, _variables: Variables, context: CallContext): Outputs {
    const { forward, backward } = this.#halves(argumentsOf(given));
    const [ahead, ...aheadStates] = listOf(this.forwardLayer.compute(forward, context));
    const [behind, ...behindStates] = listOf(this.backwardLayer.compute(backward, context));
    const { returnSequences, returnState } = this.forwardLayer.options;
    // What was read backwards is turned round, so that equal times stand beside each other.
    const turned = returnSequences ? turn(behind!) : behind!;
    const merged = this.#merge(ahead!, turned);
    return returnState ? [...(Array.isArray(merged) ? merged : [merged]), ...aheadStates, ...behindStates] : merged;
  }

  /** The arguments of each direction: each has its half of the initial states. */
  #halves<T>({ sequence, initialState }: ReturnType<typeof partsOf<T>>) {
    if (initialState === undefined) return { forward: sequence, backward: sequence };
    const own = this.forwardLayer.cell.stateSizes.length;
    return {
      forward: { sequence, initialState: initialState.slice(0, own) },
      backward: { sequence, initialState: initialState.slice(own) },
    };
  }

  #merge(ahead: One, behind: One): One | One[] {
    const [a, b] = [valuesOf(ahead), valuesOf(behind)];
    const mask = maskOf(ahead);
    switch (this.options.mergeMode) {
      case "concat":
        return masked(concatenate([a, b], -1) as Tensor, mask);
      case "sum":
        return masked(a.add(b) as Tensor, mask);
      case "mul":
        return masked(a.mul(b) as Tensor, mask);
      case "ave":
        return masked(a.add(b).mul(0.5) as Tensor, mask);
      default:
        return [ahead, behind];
    }
  }
}

const goesBackwards = (layer: Recurrent): boolean => layer.options.goBackwards;
const listOf = (outputs: Outputs): One[] => (Array.isArray(outputs) ? (outputs as One[]) : [outputs as One]);

/** A sequence in the opposite order of time. */
function turn(sequence: One): One {
  const mask = maskOf(sequence);
  return masked(valuesOf(sequence).flip(1) as Tensor, mask && (mask.flip(1) as Tensor));
}
