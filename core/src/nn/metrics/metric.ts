import { ArgumentError } from "../../base/errors.ts";
import { demandKind } from "../../base/kinds.ts";
import type { Shape } from "../../base/shape.ts";
import { fullLike, Tensor, tensor, type Variable, variable } from "../../tensor/index.ts";
import { zeros } from "../initializers.ts";

export interface MetricOptions {
  /** As in logs. Default: the metric's kind. */
  readonly name?: string | undefined;
}

/** A sum that grows for long: what its f32 `total` could not hold is kept in `rest`, so that counts stay exact to 2⁴⁸. */
export interface Total {
  readonly total: Variable;
  readonly rest: Variable;
}

/** A running figure over many batches; its state is Variables, so it is updated inside a compiled step. */
export abstract class Metric {
  /** As in logs. */
  readonly name: string;
  readonly #state = new Map<string, Variable>();

  constructor(name: string) {
    this.name = demandKind("the name of a metric", name, "text");
  }

  /** What files call metrics of this kind; see `registerMetric`. */
  get type(): string {
    return this.name;
  }

  /** Whether more is better, where that is known. */
  get direction(): "up" | "down" | undefined {
    return undefined;
  }

  /** Takes a batch in. `weights` has one number an example, or one a value. */
  abstract update(yTrue: Tensor, yPred: Tensor, weights?: Tensor): void;
  /** The figure so far: a scalar, or a list of figures. */
  abstract result(): Tensor;

  /** Plain JSON that makes an equal metric. */
  config(): Readonly<Record<string, unknown>> {
    return { name: this.name };
  }

  /** All state by name, in the order in which it was made. */
  get state(): ReadonlyMap<string, Variable> {
    return this.#state;
  }
  /** All state, in the order in which it was made. */
  get variables(): readonly Variable[] {
    return [...this.#state.values()];
  }

  /** A Variable of zeros, which `reset` makes zeros again; the one of that name, if it exists. */
  addVariable(name: string, shape: Shape = []): Variable {
    const made =
      this.#state.get(name) ?? variable(shape, zeros(), { name: `metrics/${this.name}/${name}`, trainable: false });
    this.#state.set(name, made);
    return made;
  }

  /** A sum that is exact over many batches. */
  addTotal(name: string, shape: Shape = []): Total {
    return { total: this.addVariable(name, shape), rest: this.addVariable(`${name}Rest`, shape) };
  }

  /** The shape of a state that exists already: made for an earlier batch, or by a checkpoint. */
  shapeOf(name: string): Shape | undefined {
    return this.#state.get(name)?.shape;
  }

  /** Starts again. */
  reset(): void {
    for (const state of this.variables) state.assign(tensor(new Float32Array(state.size), { shape: state.shape }));
  }

  /** The figure so far, read to the host. */
  async value(): Promise<number> {
    const result = this.result();
    if (result.size === 1) return result.item();
    throw new ArgumentError({
      what: `${this.name} has ${result.size} figures, not one`,
      hint: "read them with values(), or give the metric an average",
    });
  }

  /** The figures so far by name: one named like the metric, or `name_0`, `name_1`, … */
  async values(): Promise<Record<string, number>> {
    const result = this.result();
    if (result.size === 1) return { [this.name]: await this.value() };
    const data = [...(await result.data())] as number[]; // metrics are floats
    return Object.fromEntries(data.map((value, index) => [`${this.name}_${index}`, value]));
  }
}

/** Adds `amount`, and what the addition loses to `rest` (Knuth's TwoSum; Neumaier 1974). */
export function accumulate({ total, rest }: Total, amount: Tensor | number): void {
  const a = total.read();
  const b = amount instanceof Tensor ? amount : fullLike(a, amount);
  const sum = a.add(b) as Tensor;
  const back = sum.sub(a);
  const lost = a.sub(sum.sub(back)).add(b.sub(back));
  total.assign(sum);
  rest.assign(rest.read().add(lost));
}

/** The sum so far. */
export const sumOf = ({ total, rest }: Total): Tensor => total.read().add(rest.read()) as Tensor;
