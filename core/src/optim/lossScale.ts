import { ArgumentError, InternalError } from "../base/errors.ts";
import { constant } from "../nn/index.ts";
import { type Tensor, type Variable, variable, where } from "../tensor/index.ts";
import { type Next, Optimizer, type SlotRule, type Slots } from "./optimizer.ts";
import type { OptimizerOptions } from "./options.ts";
import type { Schedule } from "./schedules/index.ts";

export interface LossScaleOptions {
  readonly initialScale?: number;
  /** Steps with finite gradients after which the scale doubles. */
  readonly dynamicGrowthSteps?: number;
}

/**
 * Another optimizer, for losses in half precision: the loss is multiplied by a scale before it is differentiated, so that small
 * gradients do not vanish. A step whose gradients are not finite is left out and halves the scale (Micikevicius et al. 2018).
 */
export class LossScaleOptimizer extends Optimizer<Required<LossScaleOptions>> {
  readonly name = "lossScale";
  readonly inner: Optimizer;
  /** What losses are multiplied by now. */
  readonly scale: Variable;
  /** Steps with finite gradients since the scale has changed. */
  readonly goodSteps: Variable;

  constructor(inner: Optimizer, options: LossScaleOptions = {}) {
    super(options as OptimizerOptions, 1, { initialScale: 2 ** 15, dynamicGrowthSteps: 2000 }, "lossScale");
    const { initialScale, dynamicGrowthSteps } = this.own;
    if (!(initialScale > 0)) throw new ArgumentError(`initialScale must be positive, received ${initialScale}`);
    if (!(Number.isInteger(dynamicGrowthSteps) && dynamicGrowthSteps > 0))
      throw new ArgumentError(`dynamicGrowthSteps must be a positive integer, received ${dynamicGrowthSteps}`);
    this.inner = inner;
    this.scale = variable([], constant(initialScale), { name: "optimizer/scale", trainable: false });
    this.goodSteps = variable([], constant(0), { name: "optimizer/goodSteps", trainable: false, dtype: "i32" });
  }

  override get learningRate(): Variable {
    return this.inner.learningRate;
  }
  override get schedule(): Schedule | undefined {
    return this.inner.schedule;
  }
  override get iterations(): Variable {
    return this.inner.iterations;
  }
  override get each(): readonly Optimizer[] {
    return this.inner.each;
  }
  override get built(): boolean {
    return this.inner.built;
  }
  override get shared(): Slots {
    return { ...this.inner.shared, scale: this.scale, goodSteps: this.goodSteps };
  }
  override get variables(): readonly Variable[] {
    return [...this.inner.variables, this.scale, this.goodSteps];
  }
  override slotsOf(target: Variable): Slots | undefined {
    return this.inner.slotsOf(target);
  }
  override build(variables: readonly Variable[]): void {
    this.inner.build(variables);
  }
  override finalize(variables: readonly Variable[]): void {
    this.inner.finalize(variables);
  }
  override setLearningRate(value: number): void {
    this.inner.setLearningRate(value);
  }
  override excludeFromWeightDecay(variables: readonly Variable[]): this {
    this.inner.excludeFromWeightDecay(variables);
    return this;
  }

  override config(): Readonly<Record<string, unknown>> {
    const { inner } = this;
    const options = inner.config();
    return { learningRate: options["learningRate"], ...this.own, inner: { name: inner.name, options } };
  }

  override scaleLoss(loss: Tensor): Tensor {
    return this.inner.scaleLoss(loss.mul(this.scale.read()) as Tensor);
  }

  override apply(
    gradients: readonly Tensor[],
    variables: readonly Variable[],
    { when }: { readonly when?: Tensor } = {},
  ): void {
    const scale = this.scale.read();
    const finite = gradients
      .map((gradient): Tensor => gradient.isFinite().all())
      .reduce((sum, each) => sum.logicalAnd(each) as Tensor);
    const unscaled = gradients.map((gradient) => where(finite, gradient.div(scale), 0) as Tensor);
    this.inner.apply(unscaled, variables, { when: when === undefined ? finite : (finite.logicalAnd(when) as Tensor) });
    const good = this.goodSteps.read().add(1);
    const grown = good.greaterEqual(this.own.dynamicGrowthSteps);
    const next = where(finite, where(grown, scale.mul(2), scale), scale.div(2)) as Tensor;
    const steps = where(finite.logicalAnd(grown.logicalNot()), good, 0) as Tensor;
    this.scale.assign(when === undefined ? next : (where(when, next, scale) as Tensor));
    this.goodSteps.assign(when === undefined ? steps : (where(when, steps, this.goodSteps.read()) as Tensor));
  }

  slotRules(): { readonly [name: string]: SlotRule } {
    throw new InternalError("the optimizer inside of lossScale has slots");
  }
  update(): Next {
    throw new InternalError("the optimizer inside of lossScale moves variables");
  }
}
