import { ArgumentError, InternalError } from "../base/errors.ts";
import type { Tensor, Variable } from "../tensor/index.ts";
import { type Next, Optimizer, type SlotRule, type Slots } from "./optimizer.ts";
import type { Schedule } from "./schedules/index.ts";

/** An optimizer and the variables that it moves. */
export interface MultiPart {
  readonly optimizer: Optimizer;
  /** Texts of which one is part of the variable's name ("encoder/", "bias"), whole names, or a function that says yes. */
  readonly variables: readonly string[] | { readonly names: readonly string[] } | ((target: Variable) => boolean);
}

/**
 * Several optimizers, each for variables of its own: the first part whose `variables` mean a variable moves it, `otherwise` all
 * others. Its learning rate and its steps are those of `otherwise`; the parts have their own.
 */
export class MultiOptimizer extends Optimizer {
  readonly name = "multi";
  readonly parts: readonly MultiPart[];
  readonly otherwise: Optimizer;
  #known: readonly Variable[] | undefined;

  constructor(parts: readonly MultiPart[], otherwise: Optimizer) {
    super({}, 1, {}, "multi");
    const all = [...parts.map(({ optimizer }) => optimizer), otherwise];
    if (new Set(all).size < all.length) {
      throw new ArgumentError({
        what: "multi: one optimizer stands in several parts",
        hint: "make one for each, or give all names in one part",
      });
    }
    this.parts = parts;
    this.otherwise = otherwise;
  }

  /** The optimizer that moves a variable. */
  optimizerOf(target: Variable): Optimizer {
    const means = ({ variables }: MultiPart): boolean => {
      if (typeof variables === "function") return variables(target);
      if ("names" in variables) return variables.names.includes(target.name);
      return variables.some((text) => target.name.includes(text));
    };
    return this.parts.find(means)?.optimizer ?? this.otherwise;
  }

  override get each(): readonly Optimizer[] {
    return [...this.parts.map(({ optimizer }) => optimizer), this.otherwise];
  }

  override get learningRate(): Variable {
    return this.otherwise.learningRate;
  }
  override get schedule(): Schedule | undefined {
    return this.otherwise.schedule;
  }
  override get iterations(): Variable {
    return this.otherwise.iterations;
  }
  override get built(): boolean {
    return this.otherwise.built;
  }
  override get shared(): Slots {
    const parts = this.parts.flatMap(({ optimizer }, at) =>
      Object.entries(optimizer.shared).map(([name, slot]) => [`part${at}/${name}`, slot]),
    );
    return { ...this.otherwise.shared, ...Object.fromEntries(parts) };
  }
  override get variables(): readonly Variable[] {
    return this.each.flatMap(({ variables }) => variables);
  }
  override slotsOf(target: Variable): Slots | undefined {
    return this.optimizerOf(target).slotsOf(target);
  }
  override setLearningRate(value: number): void {
    this.otherwise.setLearningRate(value);
  }
  override excludeFromWeightDecay(variables: readonly Variable[]): this {
    for (const optimizer of this.each) optimizer.excludeFromWeightDecay(variables);
    return this;
  }
  override build(variables: readonly Variable[]): void {
    this.#known = variables;
    for (const [optimizer, places] of this.#shares(variables))
      optimizer.build(places.map((place) => variables[place]!));
  }
  override finalize(variables: readonly Variable[]): void {
    for (const [optimizer, places] of this.#shares(variables))
      optimizer.finalize(places.map((place) => variables[place]!));
  }
  override apply(
    gradients: readonly Tensor[],
    variables: readonly Variable[],
    options: { readonly when?: Tensor } = {},
  ) {
    for (const [optimizer, places] of this.#shares(variables)) {
      const pick = <T>(list: readonly T[]): T[] => places.map((place) => list[place]!);
      optimizer.apply(pick(gradients), pick(variables), options);
    }
  }

  /** What each optimizer moves, by position; also those that move nothing, which count steps. */
  #shares(variables: readonly Variable[]): Map<Optimizer, number[]> {
    const shares = new Map(this.each.map((optimizer) => [optimizer, [] as number[]]));
    for (const [place, target] of variables.entries()) shares.get(this.optimizerOf(target))!.push(place);
    return shares;
  }

  /**
   * Parts that a function chooses are described by the names of what they move; before they are built, or where a name stands for
   * variables of several parts, there are no words for them, and without a learning rate a file leaves the optimizer out.
   */
  override config(): Readonly<Record<string, unknown>> {
    const described = (optimizer: Optimizer) => ({ name: optimizer.name, options: optimizer.config() });
    const parts = this.parts.map((part) => ({ variables: this.#words(part), optimizer: described(part.optimizer) }));
    const wordless = parts.some(({ variables }) => variables === undefined);
    return {
      learningRate: wordless ? undefined : this.otherwise.config()["learningRate"],
      parts,
      otherwise: described(this.otherwise),
    };
  }

  #words({
    variables,
    optimizer,
  }: MultiPart): Exclude<MultiPart["variables"], (target: Variable) => boolean> | undefined {
    if (typeof variables !== "function") return variables;
    const known = this.#known;
    if (known === undefined) return undefined;
    const moved = (target: Variable): boolean => this.optimizerOf(target) === optimizer;
    const names = new Set(known.filter(moved).map(({ name }) => name));
    const unclear = known.some((target) => names.has(target.name) && !moved(target));
    return unclear ? undefined : { names: [...names] };
  }

  slotRules(): { readonly [name: string]: SlotRule } {
    throw new InternalError("the optimizers inside of multi have slots");
  }
  update(): Next {
    throw new InternalError("the optimizers inside of multi move variables");
  }
}
