import type { Tensor } from "../../tensor/index.ts";
import { type Given, withDefaults } from "../options.ts";
import { demandShape, demandValues, type HostTargets, likeLabels, likeOutput, type OutputShape } from "./demand.ts";
import { Loss, type LossOptions, type Targets, type Weighting } from "./loss.ts";
import { aligned } from "./matching.ts";

/** What tells one loss of the library from another. */
export interface LossRule<O extends object> {
  readonly targets?: Targets;
  /** Options besides the common ones; null stands for none. */
  readonly defaults: O;
  /** Throws where an option has a value that makes no sense. */
  readonly check?: (options: O) => void;
  /** The shapes of targets for an output. Default: those of class numbers, or else of the output. */
  readonly accepts?: (output: OutputShape) => readonly OutputShape[];
  /** One value an example (and position). */
  readonly call: (yTrue: Tensor, yPred: Tensor, options: O) => Tensor;
  /** Which of the values count. */
  readonly mask?: (yTrue: Tensor, values: Tensor, options: O) => Tensor | undefined;
}

class Ruled<O extends object> extends Loss {
  override readonly name: string;
  readonly #rule: LossRule<O>;
  readonly #options: O;

  constructor(name: string, rule: LossRule<O>, options: Given<O> & LossOptions) {
    const { reduction, ...given } = options;
    super({ reduction });
    this.name = name;
    this.#rule = rule;
    this.#options = withDefaults(name, typeof options === "object" ? given : options, rule.defaults);
    rule.check?.(this.#options);
  }

  override get targets(): Targets {
    return this.#rule.targets ?? "values";
  }

  override get ignored(): number | undefined {
    const { ignoreClass } = this.#options as { readonly ignoreClass?: number | null }; // where the rule has such an option
    return ignoreClass ?? undefined;
  }

  override demandTargets(targets: HostTargets, output: OutputShape | undefined): void {
    const axis = this.#axis;
    if (output !== undefined && output.length > (this.#likeOutput ? 0 : 1)) {
      const accepted =
        this.#rule.accepts?.(output) ?? (this.targets === "classes" ? likeLabels(output, axis) : likeOutput(output));
      demandShape(this.name, this.targets, targets, output, accepted);
    }
    demandValues(this.name, this.targets, targets, output?.at(axis) ?? undefined, this.ignored);
  }

  /** The axis of classes, where the rule has such an option. */
  get #axis(): number {
    return (this.#options as { readonly axis?: number | null }).axis ?? -1;
  }

  /** Whether targets have the shape of the output. */
  get #likeOutput(): boolean {
    return this.targets !== "classes" && this.#rule.accepts === undefined;
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [target, output] = this.#likeOutput ? aligned(yTrue, yPred) : [yTrue, yPred];
    return this.#rule.call(target, output, this.#options);
  }

  /** Where positions are weighed or masked, each has a value of its own: [batch, time] is [batch, time, 1] then. */
  override compute(yTrue: Tensor, yPred: Tensor, weighting: Weighting = {}): Tensor {
    const { mask, sampleWeight } = weighting;
    const byPosition = [mask, sampleWeight].some((each) => each !== undefined && each.rank > 1 && each.shape[1] !== 1);
    const each = this.#likeOutput && byPosition && yPred.rank === yTrue.rank + 1 && yPred.shape.at(-1) === 1;
    return super.compute(each ? yTrue.expandDims(-1) : yTrue, yPred, weighting);
  }

  override maskOf(yTrue: Tensor, values: Tensor): Tensor | undefined {
    return this.#rule.mask?.(yTrue, values, this.#options);
  }

  override config(): Readonly<Record<string, unknown>> {
    return { ...this.#options, ...super.config() };
  }
}

export type MakeLoss<O extends object> = (options?: Given<O> & LossOptions) => Loss;

/** The maker of the loss `name`. */
export const lossOf =
  <O extends object>(name: string, rule: LossRule<O>): MakeLoss<O> =>
  (options = {}) =>
    new Ruled(name, rule, options);
