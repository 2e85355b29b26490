import { principalComponents, type Rows } from "./pca.ts";

// van der Maaten & Hinton, "Visualizing Data using t-SNE" (2008), exact: all pairs.

const [searchSteps, exaggeration, exaggeratedSteps] = [40, 4, 100];

/** The embedding, step by step: `positions` [rows, 2] move with each call of `step`. Begins at the principal components. */
export class TSne {
  readonly positions: Float64Array;
  readonly #rows: number;
  readonly #p: Float64Array;
  readonly #velocity: Float64Array;
  #steps = 0;

  constructor(rows: Rows, perplexity = 30) {
    this.#rows = rows.rows;
    this.#p = affinities(rows, Math.min(perplexity, Math.max(2, (rows.rows - 1) / 3)));
    const start = principalComponents(rows, 2);
    const largest = start.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
    this.positions = Float64Array.from(start, (value) => (1e-2 * value) / largest);
    this.#velocity = new Float64Array(this.positions.length);
  }

  step(): void {
    const { positions } = this;
    const count = this.#rows;
    const weights = new Float64Array(count * count);
    let total = 0;
    for (let a = 0; a < count; a++) {
      for (let b = a + 1; b < count; b++) {
        const [dx, dy] = [positions[2 * a]! - positions[2 * b]!, positions[2 * a + 1]! - positions[2 * b + 1]!];
        const weight = 1 / (1 + dx * dx + dy * dy);
        weights[a * count + b] = weight;
        weights[b * count + a] = weight;
        total += 2 * weight;
      }
    }
    const early = this.#steps < exaggeratedSteps;
    const [factor, momentum, rate] = [early ? exaggeration : 1, early ? 0.5 : 0.8, Math.max(50, count / 4)];
    const gradient = new Float64Array(positions.length);
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        if (a === b) continue;
        const weight = weights[a * count + b]!;
        const pull = 4 * (factor * this.#p[a * count + b]! - weight / total) * weight;
        gradient[2 * a]! += pull * (positions[2 * a]! - positions[2 * b]!);
        gradient[2 * a + 1]! += pull * (positions[2 * a + 1]! - positions[2 * b + 1]!);
      }
    }
    for (let at = 0; at < positions.length; at++) {
      this.#velocity[at] = momentum * this.#velocity[at]! - rate * gradient[at]!;
      positions[at]! += this.#velocity[at]!;
    }
    this.#steps++;
  }
}

/** Symmetric probabilities of being neighbours, by Gaussians that each reach as many neighbours as the perplexity says. */
function affinities({ values, rows, columns }: Rows, perplexity: number): Float64Array {
  const p = new Float64Array(rows * rows);
  const target = Math.log(perplexity);
  for (let a = 0; a < rows; a++) {
    const squares = Float64Array.from({ length: rows }, (_, b) => {
      let sum = 0;
      for (let at = 0; at < columns; at++) sum += (values[a * columns + at]! - values[b * columns + at]!) ** 2;
      return sum;
    });
    let [beta, low, high] = [1, 0, Number.POSITIVE_INFINITY];
    for (let search = 0; search < searchSteps; search++) {
      let [sum, weighted] = [1e-300, 0];
      for (let b = 0; b < rows; b++) {
        if (b === a) continue;
        const weight = Math.exp(-beta * squares[b]!);
        sum += weight;
        weighted += weight * squares[b]!;
      }
      const entropy = Math.log(sum) + (beta * weighted) / sum;
      for (let b = 0; b < rows; b++) p[a * rows + b] = b === a ? 0 : Math.exp(-beta * squares[b]!) / sum;
      if (Math.abs(entropy - target) < 1e-4) break;
      if (entropy > target) {
        low = beta;
        beta = high === Number.POSITIVE_INFINITY ? beta * 2 : (beta + high) / 2;
      } else {
        high = beta;
        beta = (beta + low) / 2;
      }
    }
  }
  return Float64Array.from(p, (value, at) => {
    const [a, b] = [Math.floor(at / rows), at % rows];
    return Math.max((value + p[b * rows + a]!) / (2 * rows), 1e-12);
  });
}
