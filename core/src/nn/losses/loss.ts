import { ArgumentError } from "../../base/errors.ts";
import { Tensor } from "../../tensor/index.ts";
import { demandChoice } from "../options.ts";
import { demandValues, type HostTargets, type OutputShape } from "./demand.ts";
import { reduceLoss } from "./reduce.ts";

/** How the values of a batch become its loss; "mean" is another name of "sumOverBatchSize". */
export const reductions = ["sumOverBatchSize", "sum", "mean", "meanWithSampleWeight", "none"] as const;
export type Reduction = (typeof reductions)[number];

/** What the targets are, so that bad labels are named before training starts. */
export type Targets = "classes" | "binary" | "probabilities" | "values";

export interface LossOptions {
  /** Default "sumOverBatchSize": the mean over all values. */
  readonly reduction?: Reduction | undefined;
}

/** What a batch brings besides targets and outputs. */
export interface Weighting {
  /** Factors of the values: one an example, or one a value. */
  readonly sampleWeight?: Tensor | undefined;
  /** Which values count. */
  readonly mask?: Tensor | undefined;
}

/** How far an output is from its target. Subclasses say it for each example (`call`); reduction and weights are common to all. */
export abstract class Loss {
  /** As in messages, and in files. */
  abstract readonly name: string;
  readonly reduction: Reduction;

  constructor({ reduction = "sumOverBatchSize" }: LossOptions = {}) {
    demandChoice("reduction", reduction, reductions);
    this.reduction = reduction;
  }

  /** One value an example (and position): for most losses the shape of `yPred` without its last axis. */
  abstract call(yTrue: Tensor, yPred: Tensor): Tensor;

  get targets(): Targets {
    return "values";
  }

  /** A class number that targets may hold besides those of the output, and which does not count. */
  get ignored(): number | undefined {
    return undefined;
  }

  /** Throws where targets cannot be compared with an output of this shape (undefined when nobody knows it). */
  demandTargets(targets: HostTargets, output: OutputShape | undefined): void {
    demandValues(this.name, this.targets, targets, output?.at(-1) ?? undefined, this.ignored);
  }

  /** Which of the values of `call` count; undefined for all. */
  maskOf(_yTrue: Tensor, _values: Tensor): Tensor | undefined {
    return undefined;
  }

  /** The loss of a batch, reduced: a scalar, except for the reduction "none". */
  compute(yTrue: Tensor, yPred: Tensor, { sampleWeight, mask }: Weighting = {}): Tensor {
    const values = this.call(yTrue, yPred);
    if (!(values instanceof Tensor)) {
      throw new ArgumentError({
        what: `${this.name}: a loss gives a tensor, received ${String(values)}`,
        hint: "compute with yTrue and yPred, such as yPred.sub(yTrue).square()",
      });
    }
    const own = this.maskOf(yTrue, values);
    const both = own === undefined || mask === undefined ? (own ?? mask) : own.logicalAnd(mask.cast("bool"));
    return reduceLoss(values, sampleWeight, both, this.reduction);
  }

  /** Plain JSON that makes an equal loss. */
  config(): Readonly<Record<string, unknown>> {
    return { reduction: this.reduction };
  }
}
