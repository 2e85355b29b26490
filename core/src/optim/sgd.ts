import type { Tensor } from "../tensor/index.ts";
import { fraction, Optimizer, type OptimizerOptions, type Update } from "./optimizer.ts";

export interface SGDOptions extends OptimizerOptions {
  /** Default 0.01. */
  readonly learningRate?: number | undefined;
  /** How much of the last change each change keeps. Default 0. */
  readonly momentum?: number | undefined;
  /** Looks ahead along the momentum (Nesterov 1983; Sutskever et al. 2013). Default false. */
  readonly nesterov?: boolean | undefined;
}

/** w ← w − rate·g; with momentum: v ← momentum·v − rate·g, w ← w + v. */
export class SGD extends Optimizer {
  override readonly name = "sgd";
  readonly momentum: number;
  readonly nesterov: boolean;

  constructor(options: SGDOptions = {}) {
    super(options.learningRate ?? 0.01, options, ["momentum", "nesterov"]);
    this.momentum = fraction("momentum", options.momentum ?? 0);
    this.nesterov = options.nesterov ?? false;
  }

  override get slotNames(): readonly string[] {
    return this.momentum === 0 ? [] : ["momentum"];
  }

  override update(_w: Tensor, g: Tensor, { momentum: v }: { momentum?: Tensor }, rate: Tensor): Update {
    const descent = g.mul(rate).neg();
    if (v === undefined) return { change: descent, slots: {} };
    const next = v.mul(this.momentum).add(descent);
    return { change: this.nesterov ? next.mul(this.momentum).add(descent) : next, slots: { momentum: next } };
  }

  override config(): Readonly<Record<string, unknown>> {
    return { ...this.options, momentum: this.momentum, nesterov: this.nesterov };
  }
}
