import type { Tensor } from "../../tensor/index.ts";
import { Catalogue, type Described } from "../catalogue.ts";
import { circle } from "./circle.ts";
import * as crossentropy from "./crossentropy.ts";
import { ctc } from "./ctc.ts";
import { categoricalHinge, hinge, squaredHinge } from "./hinge.ts";
import { Loss, type LossOptions } from "./loss.ts";
import { dice, tversky } from "./overlap.ts";
import * as regression from "./regression.ts";

/** Losses by name; `mse`, `mae`, `mape`, `msle` and `kld` are Keras's short forms. */
export const losses = {
  binaryCrossentropy: crossentropy.binaryCrossentropy,
  categoricalCrossentropy: crossentropy.categoricalCrossentropy,
  sparseCategoricalCrossentropy: crossentropy.sparseCategoricalCrossentropy,
  binaryFocalCrossentropy: crossentropy.binaryFocalCrossentropy,
  categoricalFocalCrossentropy: crossentropy.categoricalFocalCrossentropy,
  categoricalGeneralizedCrossEntropy: crossentropy.categoricalGeneralizedCrossEntropy,
  meanSquaredError: regression.meanSquaredError,
  meanAbsoluteError: regression.meanAbsoluteError,
  meanAbsolutePercentageError: regression.meanAbsolutePercentageError,
  meanSquaredLogarithmicError: regression.meanSquaredLogarithmicError,
  huber: regression.huber,
  logCosh: regression.logCosh,
  poisson: regression.poisson,
  klDivergence: regression.klDivergence,
  cosineSimilarity: regression.cosineSimilarity,
  hinge,
  squaredHinge,
  categoricalHinge,
  dice,
  tversky,
  circle,
  ctc,
  mse: regression.meanSquaredError,
  mae: regression.meanAbsoluteError,
  mape: regression.meanAbsolutePercentageError,
  msle: regression.meanSquaredLogarithmicError,
  kld: regression.klDivergence,
} as const;

export type LossName = keyof typeof losses;
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** A loss that is the user's function: one value an example, or a scalar. */
class FunctionLoss extends Loss {
  override readonly name: string;
  override readonly call: LossFunction;

  constructor(call: LossFunction, options?: LossOptions) {
    super(options);
    this.name = call.name || "loss";
    this.call = call;
  }
}

const catalogue = new Catalogue<Loss>("loss", losses);

/**
 * Lets `compile` and files name a loss of your own: `make` gets what its `config()` returned, and gives a `Loss` or a function
 * of targets and outputs. Its name is that of the loss, or of the function.
 */
export function registerLoss(name: string, make: (options: LossOptions) => Loss | LossFunction): void {
  catalogue.register(name, (options) => {
    const made = make(options);
    return typeof made === "function" ? new FunctionLoss(made, options) : made;
  });
}

/** The loss itself, the one of that name, or the user's function (which gives one value an example, or a scalar). */
export function resolveLoss(given: LossName | Loss | LossFunction): Loss {
  if (typeof given === "function") return new FunctionLoss(given);
  return typeof given === "string" ? catalogue.make(given) : given;
}

/** What a file says of the loss; undefined for one whose name nobody registered. */
export const describeLoss = (loss: Loss): Described | undefined =>
  catalogue.has(loss.name) ? { name: loss.name, options: loss.config() } : undefined;

/** The loss that untrusted JSON describes. */
export const restoreLoss = (described: unknown): Loss => catalogue.restore(described);

export type { HostTargets, OutputShape } from "./demand.ts";
export { Loss, type LossOptions, type Reduction, reductions, type Targets, type Weighting } from "./loss.ts";
export { epsilon, matching } from "./matching.ts";
export { alongValues, combinedWeights, reduceLoss } from "./reduce.ts";
