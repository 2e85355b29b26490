import type { Given } from "../nn/options.ts";
import type { Tensor, Variable } from "../tensor/index.ts";
import { moments, unseen } from "./adam.ts";
import { faded } from "./faded.ts";
import { type Next, Optimizer, type Present, type SlotRule } from "./optimizer.ts";
import { demandFraction, type OptimizerOptions } from "./options.ts";

const defaults = {
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamWeightDecay: 0.004,
  epsilon: 1e-7,
  /** Variables whose name holds one of these texts are left to Adam. */
  excludeLayers: [] as readonly string[],
  /** Embeddings are left to Adam. */
  excludeEmbeddings: true,
  muonA: 3.4445,
  muonB: -4.775,
  muonC: 2.0315,
  /** The rate of Adam in units of that of Muon. */
  adamLrRatio: 1,
  momentum: 0.95,
  /** Iterations of Newton and Schulz. */
  nsSteps: 5,
  nesterov: true,
  rmsRate: 0.2,
};
export type MuonOptions = Given<typeof defaults> & OptimizerOptions;

/** Momentum whose matrices are made orthogonal (Jordan et al. 2024); all that is no matrix is left to Adam. */
export class Muon extends Optimizer<typeof defaults> {
  override readonly name = "muon";

  constructor(options: MuonOptions = {}) {
    super({ ...options, weightDecay: options.weightDecay ?? 0.004 }, 0.001, defaults, "muon");
    for (const name of ["adamBeta1", "adamBeta2", "momentum"] as const) demandFraction(name, this.own[name]);
  }

  #leftToAdam({ shape, name }: Variable): boolean {
    const { excludeLayers, excludeEmbeddings } = this.own;
    if (shape.length !== 2) return true;
    return (excludeEmbeddings && /embedding/i.test(name)) || excludeLayers.some((text) => name.includes(text));
  }

  override slotRules(target: Variable): { readonly [name: string]: SlotRule } {
    return this.#leftToAdam(target) ? { momentum: {}, velocity: {} } : { momentum: {} };
  }

  override decayOf(target: Variable): number {
    return this.#leftToAdam(target) ? this.own.adamWeightDecay : super.decayOf(target);
  }

  override update(present: Present): Next {
    return this.#leftToAdam(present.target) ? this.#adam(present) : this.#muon(present);
  }

  #adam({ weight, gradient: g, slots, learningRate, step }: Present): Next {
    const { adamBeta1: beta1, adamBeta2: beta2, adamLrRatio, epsilon } = this.own;
    const alpha = learningRate.mul(adamLrRatio).mul(unseen(beta2, step).sqrt()).div(unseen(beta1, step));
    const { momentum, velocity } = moments(g, slots, { beta1, beta2 });
    return {
      weight: weight.sub(momentum.mul(alpha).div(velocity.sqrt().add(epsilon))) as Tensor,
      slots: { momentum, velocity },
    };
  }

  #muon({ weight, gradient: g, slots, learningRate }: Present): Next {
    const { momentum, nesterov, rmsRate } = this.own;
    const m = faded(slots["momentum"]!.mul(momentum).add(g));
    const direction = this.#orthogonal(nesterov ? (g.add(m.mul(momentum)) as Tensor) : m);
    // Every element moves by rmsRate·rate in the root mean square, whatever the matrix's size (Liu et al. 2025).
    const scale = Math.sqrt(Math.max(...weight.shape)) * rmsRate;
    return { weight: weight.sub(direction.mul(learningRate.mul(scale))) as Tensor, slots: { momentum: m } };
  }

  /** Singular values near 1, by a polynomial of x·xᵀ that is applied again and again. */
  #orthogonal(given: Tensor): Tensor {
    const { muonA: a, muonB: b, muonC: c, nsSteps } = this.own;
    const [rows, columns] = given.shape as readonly [number, number];
    const tall = rows > columns;
    let x = tall ? (given.transpose() as Tensor) : given;
    x = x.div(x.square().sum().sqrt().add(1e-7)) as Tensor;
    for (let step = 0; step < nsSteps; step++) {
      const square = x.matmul(x.transpose()) as Tensor;
      const polynomial = square.mul(b).add(square.matmul(square).mul(c)) as Tensor;
      x = x.mul(a).add(polynomial.matmul(x)) as Tensor;
    }
    return tall ? (x.transpose() as Tensor) : x;
  }
}
