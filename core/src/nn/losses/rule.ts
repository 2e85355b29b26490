import type { Tensor } from "../../tensor/index.ts";
import { type Given, withDefaults } from "../options.ts";
import { Loss, type LossOptions, type Targets } from "./loss.ts";

/** What tells one loss of the library from another. */
export interface LossRule<O extends object> {
  readonly targets?: Targets;
  /** Options besides the common ones; null stands for none. */
  readonly defaults: O;
  /** Throws where an option has a value that makes no sense. */
  readonly check?: (options: O) => void;
  /** One value an example (and position). */
  readonly call: (yTrue: Tensor, yPred: Tensor, options: O) => Tensor;
  /** Which of the values count. */
  readonly mask?: (yTrue: Tensor, values: Tensor, options: O) => Tensor | undefined;
}

class Ruled<O extends object> extends Loss {
  override readonly name: string;
  readonly #rule: LossRule<O>;
  readonly #options: O;

  constructor(name: string, rule: LossRule<O>, { reduction, ...given }: Given<O> & LossOptions) {
    super({ reduction });
    this.name = name;
    this.#rule = rule;
    this.#options = withDefaults(name, given, rule.defaults);
    rule.check?.(this.#options);
  }

  override get targets(): Targets {
    return this.#rule.targets ?? "values";
  }

  override get ignored(): number | undefined {
    const { ignoreClass } = this.#options as { readonly ignoreClass?: number | null }; // where the rule has such an option
    return ignoreClass ?? undefined;
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return this.#rule.call(yTrue, yPred, this.#options);
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
