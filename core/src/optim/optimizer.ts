import { ArgumentError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { withScope } from "../graph/node.ts";
import { constant } from "../nn/index.ts";
import { withDefaults } from "../nn/options.ts";
import { type Tensor, tensor, type Variable, variable, where } from "../tensor/index.ts";
import { clipped } from "./clip.ts";
import { type Common, commonNames, excludedByName, type OptimizerOptions, splitOptions } from "./options.ts";
import { describeSchedule, FunctionSchedule, Schedule } from "./schedules/index.ts";
import { updateWatch } from "./watch.ts";

/** What a variable's slot is made of: of the variable's shape, and zeros, unless it says otherwise. */
export interface SlotRule {
  readonly shape?: Shape;
  readonly value?: number;
}

/** The state that an optimizer keeps for one variable, by name ("momentum", "velocity"). */
export type Slots = { readonly [name: string]: Variable };
type Tensors = { readonly [name: string]: Tensor };

/** What a rule knows of one variable. */
export interface Present {
  readonly target: Variable;
  /** After the weight decay. */
  readonly weight: Tensor;
  readonly gradient: Tensor;
  readonly slots: Tensors;
  readonly learningRate: Tensor;
  /** An f32 scalar that counts from 1. */
  readonly step: Tensor;
  /** State of the whole optimizer, as of this step. */
  readonly shared: Tensors;
}

/** What a rule computes: the next value of the variable and of each slot. */
export interface Next {
  readonly weight: Tensor;
  readonly slots: Tensors;
}

/**
 * Moves Variables a little against their gradients. All state (learning rate, step counter, slots) is Variables, so `apply`
 * works inside a compiled step; the learning rate may be assigned at any time. Subclasses say the rule.
 */
export abstract class Optimizer<O extends object = object> {
  /** As in files; see `registerOptimizer`. */
  abstract readonly name: string;
  /** The options of all optimizers. */
  readonly common: Common;
  /** The options of this one. */
  readonly own: O;
  readonly #learningRate: Variable;
  readonly #schedule: Schedule | undefined;
  readonly #iterations: Variable;
  readonly #firstRate: number;
  readonly #slots = new Map<Variable, Slots>();
  readonly #excluded = new Set<Variable>();
  #shared: Slots | undefined;
  #built = false;

  /** `defaults` are those of the options that this optimizer has besides those of all. */
  constructor(given: OptimizerOptions, learningRate: number, defaults: O, what = "an optimizer") {
    if (typeof given !== "object") {
      throw new ArgumentError({
        what: `${what}: options are an object, received ${String(given)}`,
        hint: `${what}({ learningRate: 0.001 })`,
      });
    }
    const { common, own } = splitOptions(given);
    this.common = common;
    this.own = withDefaults(what, own, defaults, commonNames);
    const rate = given.learningRate ?? learningRate;
    this.#schedule =
      typeof rate === "function" ? new FunctionSchedule(rate) : rate instanceof Schedule ? rate : undefined;
    this.#firstRate = typeof rate === "number" ? rate : 0;
    if (this.#schedule === undefined && !(this.#firstRate > 0 && Number.isFinite(rate)))
      throw new ArgumentError(`learningRate must be a positive number or a schedule, received ${String(rate)}`);
    this.#learningRate = variable(this.#firstRate, { name: "optimizer/learningRate", trainable: false });
    this.#iterations = variable([], constant(0), { name: "optimizer/iterations", trainable: false, dtype: "i32" });
  }

  /** Without a schedule it may be assigned at any time; with one, it shows the rate of the last step. */
  get learningRate(): Variable {
    return this.#learningRate;
  }
  get schedule(): Schedule | undefined {
    return this.#schedule;
  }
  /** Steps taken so far, those that only gather gradients among them; an i32 scalar. */
  get iterations(): Variable {
    return this.#iterations;
  }

  /** The slots that a variable needs. */
  abstract slotRules(target: Variable): { readonly [name: string]: SlotRule };
  /** One variable's next value and slots. */
  abstract update(present: Present): Next;

  /** State of the whole optimizer, and what it begins with. */
  sharedRules(): { readonly [name: string]: number } {
    return {};
  }
  /** The next value of the shared state. */
  advance(_shared: Tensors, _step: Tensor): Tensors {
    return {};
  }
  /** The share of the variable that decays in a step, before the learning rate. */
  decayOf(_target: Variable): number {
    return this.common.weightDecay ?? 0;
  }

  /** The arguments that make the same optimizer, as plain JSON; a schedule is there by name and options. */
  config(): Readonly<Record<string, unknown>> {
    const { schedule } = this;
    const learningRate = schedule === undefined ? this.#firstRate : describeSchedule(schedule);
    return { learningRate, ...this.common, ...this.own };
  }

  /** Leaves variables out of the weight decay, besides those of `excludeFromWeightDecay`. Counts from the next compilation on. */
  excludeFromWeightDecay(variables: readonly Variable[]): this {
    for (const target of variables) this.#excluded.add(target);
    return this;
  }

  /** Changes the learning rate; the next step uses it, without compiling or waiting. */
  setLearningRate(value: number): void {
    if (this.schedule !== undefined) {
      throw new ArgumentError({
        what: "setLearningRate: the learning rate follows a schedule",
        hint: "make the optimizer with a number to set it by hand",
      });
    }
    if (!(value >= 0 && Number.isFinite(value)))
      throw new ArgumentError(`setLearningRate: the rate must be a number of at least 0, received ${value}`);
    // The host's bytes: nothing is compiled.
    this.learningRate.assign(tensor(Float32Array.of(value), { shape: [] }));
  }

  /** The optimizers that have a learning rate of their own: this one, or those that it holds. */
  get each(): readonly Optimizer[] {
    return [this];
  }

  /** Makes the slots of `variables`, where there are none yet. */
  build(variables: readonly Variable[]): void {
    this.#built = true;
    const { useEma = false, gradientAccumulationSteps = 1 } = this.common;
    const state = (name: string, shape: Shape, value: number, dtype: Variable["dtype"] = "f32"): Variable =>
      variable(shape, constant(value), { name: `optimizer/${name}`, trainable: false, dtype });
    this.#shared ??= Object.fromEntries(
      Object.entries(this.sharedRules()).map(([name, value]) => [name, state(name, [], value)]),
    );
    for (const target of variables) {
      if (this.#slots.has(target)) continue;
      const rules: Record<string, SlotRule> = {
        ...this.slotRules(target),
        ...(useEma ? { ema: {} } : {}),
        ...(gradientAccumulationSteps > 1 ? { accumulated: {} } : {}),
      };
      const slots = Object.entries(rules).map(([name, { shape = target.shape, value = 0 }]) => [
        name,
        state(`${target.name}/${name}`, shape, value, target.dtype),
      ]);
      this.#slots.set(target, Object.fromEntries(slots));
    }
  }

  /** True once it knows which variables it moves. */
  get built(): boolean {
    return this.#built;
  }

  /** State that belongs to no single variable, by name: learning rate, iterations, and what the rule shares. */
  get shared(): Slots {
    return { learningRate: this.learningRate, iterations: this.iterations, ...this.#shared };
  }

  /** All state, in a fixed order: learning rate, iterations, then the slots of each variable. */
  get variables(): readonly Variable[] {
    return [this.shared, ...this.#slots.values()].flatMap((slots) => Object.values(slots));
  }

  /** The slots of one variable; undefined before `build`. */
  slotsOf(target: Variable): Slots | undefined {
    return this.#slots.get(target);
  }

  /** What to differentiate instead of the loss: `apply` takes the factor back, after gradients have passed small numbers. */
  scaleLoss(loss: Tensor): Tensor {
    const factor = this.common.lossScaleFactor;
    return factor === undefined ? loss : (loss.mul(factor) as Tensor);
  }

  /**
   * One step: moves each variable against its gradient. Gradients and variables correspond by position. Where `when` is given
   * and false, nothing changes.
   */
  apply(given: readonly Tensor[], variables: readonly Variable[], { when }: { readonly when?: Tensor } = {}): void {
    const factor = this.common.lossScaleFactor;
    const gradients = factor === undefined ? given : given.map((gradient) => gradient.div(factor) as Tensor);
    if (gradients.length !== variables.length) {
      throw new ArgumentError(`apply: received ${gradients.length} gradients for ${variables.length} variables`);
    }
    this.build(variables);
    withScope("optimizer", () => {
      const taken = this.iterations.read() as Tensor;
      const every = this.common.gradientAccumulationSteps ?? 1;
      const allowed = both(when, updateWatch()?.gradients(gradients, variables));
      // Steps that only gather gradients leave everything else as it is: `due` says which one does not.
      const due = both(every === 1 ? undefined : (taken.add(1).mod(every).equal(0) as Tensor), allowed);
      const step = (every === 1 ? taken : taken.floorDivide(every)).add(1).cast("f32") as Tensor;
      const learningRate = this.schedule?.rate(taken.cast("f32") as Tensor) ?? this.learningRate.read();
      const shared = this.#advanceShared(step, due);
      const taking = gradients.map((gradient) =>
        allowed === undefined || every === 1 ? gradient : (where(allowed, gradient, 0) as Tensor),
      );
      const gathered = taking.map((gradient, index) => this.#gathered(gradient, variables[index]!, due));
      const clippedGradients = clipped(gathered, this.common);
      variables.forEach((target, index) => {
        if (updateWatch()?.holds?.(target) === true) return;
        withScope(target.name, () => {
          const gradient = clippedGradients[index]!;
          this.#applyOne({ target, gradient, learningRate, step, shared }, due, taken);
        });
      });
      if (this.schedule !== undefined) this.learningRate.assign(chosen(when, learningRate, this.learningRate.read()));
      this.iterations.assign(chosen(when, taken.add(1) as Tensor, taken));
    });
  }

  #advanceShared(step: Tensor, due: Tensor | undefined): Tensors {
    const state = Object.entries(this.#shared ?? {});
    const old = Object.fromEntries(state.map(([name, slot]) => [name, slot.read()]));
    const next = this.advance(old, step);
    for (const [name, slot] of state) slot.assign(chosen(due, next[name]!, old[name]!));
    return next;
  }

  /** The mean gradient of the steps since the last move, this one included; the sum is kept, or begins again. */
  #gathered(gradient: Tensor, target: Variable, due: Tensor | undefined): Tensor {
    const kept = this.#slots.get(target)?.["accumulated"];
    if (due === undefined || kept === undefined) return gradient;
    const sum = kept.read().add(gradient) as Tensor;
    kept.assign(where(due, 0, sum));
    return sum.div(this.common.gradientAccumulationSteps!) as Tensor; // due says that it is there
  }

  #applyOne(present: Omit<Present, "weight" | "slots">, due: Tensor | undefined, taken: Tensor): void {
    const { target, learningRate } = present;
    const { ema, accumulated: _, ...slots } = this.#slots.get(target)!; // built before
    const old = Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name, slot.read()]));
    const now = target.read();
    const left = this.#excluded.has(target) || excludedByName(target, this.common.excludeFromWeightDecay);
    const decay = left ? 0 : this.decayOf(target);
    const weight = decay === 0 ? now : (now.sub(now.mul(learningRate.mul(decay))) as Tensor);
    const next = this.update({ ...present, weight, slots: old });
    for (const [name, slot] of Object.entries(slots)) slot.assign(chosen(due, next.slots[name]!, old[name]!));
    const moved = chosen(due, next.weight, now);
    const averaged = ema === undefined ? moved : this.#averaged(moved, ema, taken);
    const final = target.constraint?.(averaged) ?? averaged;
    updateWatch()?.moved(target, now, final);
    target.assign(final);
  }

  /** average ← m·average + (1 − m)·w, where the first step's average is w. Returns w, or the average when it is time for that. */
  #averaged(moved: Tensor, ema: Variable, taken: Tensor): Tensor {
    const { emaMomentum = 0.99, emaOverwriteFrequency, gradientAccumulationSteps: every = 1 } = this.common;
    const blend = ema
      .read()
      .mul(emaMomentum)
      .add(moved.mul(1 - emaMomentum));
    const average = where(taken.less(every), moved, blend) as Tensor;
    ema.assign(average);
    if (emaOverwriteFrequency === undefined) return moved;
    const overwrite = taken.floorDivide(every).add(1).mod(emaOverwriteFrequency).equal(0);
    return where(overwrite, average, moved) as Tensor;
  }

  /** The end of a training: with `useEma`, the variables become their averages. */
  finalize(variables: readonly Variable[]): void {
    if (this.common.useEma !== true || !this.#built) return;
    for (const target of variables) {
      const ema = this.#slots.get(target)?.["ema"];
      if (ema !== undefined) target.assign(ema.read());
    }
  }
}

const both = (a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined =>
  a === undefined ? b : b === undefined ? a : (a.logicalAnd(b) as Tensor);

const chosen = (due: Tensor | undefined, next: Tensor, old: Tensor): Tensor =>
  due === undefined ? next : where(due, next, old);
