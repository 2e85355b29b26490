import { ArgumentError, suggest } from "../base/errors.ts";
import { withScope } from "../graph/node.ts";
import { zeros } from "../nn/index.ts";
import { maximum, type Tensor, type Variable, variable } from "../tensor/index.ts";

export interface OptimizerOptions {
  /** Clips each gradient to a norm of at most this. */
  readonly clipnorm?: number | undefined;
  /** Clips all gradients together to a norm of at most this. */
  readonly globalClipnorm?: number | undefined;
  /** Clips each element of the gradients to ± this. */
  readonly clipvalue?: number | undefined;
  /** Subtracts learningRate · weightDecay · w from each variable, apart from the gradient (Loshchilov & Hutter 2019). */
  readonly weightDecay?: number | undefined;
}

/** `value` if it is in [0, 1); an ArgumentError that names it otherwise. */
export function fraction(name: string, value: number): number {
  if (value >= 0 && value < 1) return value;
  throw new ArgumentError(`${name} must be at least 0 and below 1, received ${value}`);
}

/** `value` if it is finite and at least 0. */
export function notNegative(name: string, value: number): number {
  if (value >= 0 && Number.isFinite(value)) return value;
  throw new ArgumentError(`${name} must be at least 0, received ${value}`);
}

const commonOptions = ["learningRate", "clipnorm", "globalClipnorm", "clipvalue", "weightDecay"];

/** A misspelt option would train in another way than its author meant. */
function demandKnown(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new ArgumentError({ what: `unknown option "${unknown}" of an optimizer`, hint: suggest(unknown, known) });
}

/** The state that an optimizer keeps for one variable, by name ("momentum", "velocity"). */
export type Slots = { readonly [name: string]: Variable };

/** What a rule computes: the variable's change, and the next value of each slot. */
export interface Update {
  /** Added to the variable. */
  readonly change: Tensor;
  readonly slots: { readonly [name: string]: Tensor };
}

/**
 * Moves Variables a little against their gradients. All state (learning rate, step counter, slots) is Variables, so `apply`
 * works inside a compiled step; the learning rate may be assigned at any time.
 */
export abstract class Optimizer {
  abstract readonly name: string;
  readonly learningRate: Variable;
  /** Steps taken so far, an f32 scalar (exact to 16,777,216). */
  readonly iterations: Variable;
  readonly options: OptimizerOptions;
  #built = false;
  readonly #slots = new Map<Variable, Slots>();

  /** `own` names the options that the optimizer has besides those of all. */
  constructor(learningRate: number, options: OptimizerOptions, own: readonly string[]) {
    demandKnown(options, [...commonOptions, ...own]);
    if (!(learningRate > 0 && Number.isFinite(learningRate)))
      throw new ArgumentError(`learningRate must be a positive number, received ${learningRate}`);
    const clips = [options.clipnorm, options.globalClipnorm, options.clipvalue].filter((clip) => clip !== undefined);
    if (clips.length > 1)
      throw new ArgumentError("clipnorm, globalClipnorm and clipvalue exclude each other: give one");
    if (clips.some((clip) => !(clip > 0)))
      throw new ArgumentError(`a clip must be positive, received ${clips.join(", ")}`);
    notNegative("weightDecay", options.weightDecay ?? 0);
    this.learningRate = variable(learningRate, { name: "optimizer/learningRate", trainable: false });
    this.iterations = variable([], zeros(), { name: "optimizer/iterations", trainable: false });
    const { clipnorm, globalClipnorm, clipvalue, weightDecay } = options;
    this.options = { clipnorm, globalClipnorm, clipvalue, weightDecay };
  }

  /** Names of the slots that each variable needs. */
  abstract readonly slotNames: readonly string[];
  /** One variable's update for the gradient `g`; `step` counts from 1. */
  abstract update(
    w: Tensor,
    g: Tensor,
    slots: { readonly [name: string]: Tensor },
    learningRate: Tensor,
    step: Tensor,
  ): Update;
  /** The arguments that make the same optimizer. */
  abstract config(): Readonly<Record<string, unknown>>;

  /** Makes the slots of `variables`, where there are none yet. */
  build(variables: readonly Variable[]): void {
    this.#built = true;
    for (const target of variables) {
      if (this.#slots.has(target)) continue;
      const slot = (name: string): Variable =>
        variable(target.shape, zeros(), {
          name: `optimizer/${target.name}/${name}`,
          trainable: false,
          dtype: target.dtype,
        });
      this.#slots.set(target, Object.fromEntries(this.slotNames.map((name) => [name, slot(name)])));
    }
  }

  /** True once it knows which variables it moves. */
  get built(): boolean {
    return this.#built;
  }

  /** All state, in a fixed order: learning rate, iterations, then the slots of each variable. */
  get variables(): readonly Variable[] {
    return [this.learningRate, this.iterations, ...[...this.#slots.values()].flatMap((slots) => Object.values(slots))];
  }

  /** The slots of one variable; undefined before `build`. */
  slotsOf(target: Variable): Slots | undefined {
    return this.#slots.get(target);
  }

  /** One step: moves each variable against its gradient. Gradients and variables correspond by position. */
  apply(gradients: readonly Tensor[], variables: readonly Variable[]): void {
    if (gradients.length !== variables.length) {
      throw new ArgumentError(`apply: received ${gradients.length} gradients for ${variables.length} variables`);
    }
    this.build(variables);
    withScope("optimizer", () => {
      const step = this.iterations.read().add(1);
      const rate = this.learningRate.read();
      const clipped = this.#clip(gradients);
      variables.forEach((target, index) => {
        withScope(target.name, () => this.#applyOne(target, clipped[index]!, rate, step));
      });
      this.iterations.assign(step);
    });
  }

  #applyOne(target: Variable, gradient: Tensor, rate: Tensor, step: Tensor): void {
    const slots = this.#slots.get(target)!;
    const old = Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name, slot.read()]));
    const weight = target.read();
    const decay = this.options.weightDecay ?? 0;
    const decayed = decay === 0 ? weight : weight.sub(weight.mul(rate.mul(decay)));
    const { change, slots: next } = this.update(weight, gradient, old, rate, step);
    const moved = decayed.add(change);
    target.assign(target.constraint === undefined ? moved : target.constraint(moved));
    for (const [name, slot] of Object.entries(slots)) slot.assign(next[name]!);
  }

  #clip(gradients: readonly Tensor[]): readonly Tensor[] {
    const { clipnorm, globalClipnorm, clipvalue } = this.options;
    if (clipvalue !== undefined) return gradients.map((g) => g.clip(-clipvalue, clipvalue));
    const norm = (squares: Tensor): Tensor => squares.sqrt();
    // min(1, limit / norm), written so that a norm of 0 gives 1.
    const factor = (limit: number, size: Tensor): Tensor => maximum(size, limit).reciprocal().mul(limit);
    if (clipnorm !== undefined) return gradients.map((g) => g.mul(factor(clipnorm, norm(g.square().sum()))));
    if (globalClipnorm !== undefined && gradients.length > 0) {
      const total = gradients.map((g) => g.square().sum()).reduce((sum, part) => sum.add(part));
      const scale = factor(globalClipnorm, norm(total));
      return gradients.map((g) => g.mul(scale));
    }
    return gradients;
  }
}
