/** Values in rising order, each standing for `weights` values of the data: what is kept of data to find its quantiles. */
export interface Summary {
  readonly values: Float32Array;
  readonly weights: Float32Array;
}

// As in Keras, in the same precision, so that the same data give the same bins.

/** Every n-th value, so that about 1 / epsilon are left. */
export function summarized(data: Float32Array, epsilon: number): Summary {
  const sorted = data.slice().sort();
  const step = Math.max(sorted.length * epsilon, 1);
  const values: number[] = [];
  for (let at = Math.trunc(step - 1); at < sorted.length; at += Math.trunc(step)) values.push(sorted[at]!);
  return { values: Float32Array.from(values), weights: new Float32Array(values.length).fill(step) };
}

/** Both summaries as one, compressed to 1 / epsilon values. */
export function merged(first: Summary, second: Summary, epsilon: number): Summary {
  const values = [...first.values, ...second.values];
  const weights = [...first.weights, ...second.weights];
  const order = values.map((_, at) => at).sort((a, b) => values[a]! - values[b]!);
  return compressed(
    { values: Float32Array.from(order, (at) => values[at]!), weights: Float32Array.from(order, (at) => weights[at]!) },
    epsilon,
  );
}

/** The boundaries between `bins` bins of equal weight. */
export const boundariesOf = (summary: Summary, bins: number): number[] => [
  ...compressed(summary, 1 / bins).values.subarray(0, -1),
];

function compressed(summary: Summary, epsilon: number): Summary {
  const { values, weights } = summary;
  if (values.length * epsilon < 1) return summary;
  const reached = new Float32Array(weights.length);
  for (let at = 0, sum = 0; at < weights.length; at++) {
    sum = Math.fround(sum + weights[at]!);
    reached[at] = sum;
  }
  const total = reached[reached.length - 1]!;
  const shares = reached.map((sum) => sum / total);
  const wanted = Float64Array.from({ length: Math.ceil(1 / epsilon) }, (_, at) => epsilon + at * epsilon);
  const heights = wanted.map((share) => interpolated(share, shares, reached));
  return {
    values: Float32Array.from(wanted, (share) => interpolated(share, shares, values)),
    weights: Float32Array.from(heights, (height, at) => height - (at === 0 ? 0 : heights[at - 1]!)),
  };
}

/** y at x on the line through the points (xs, ys); constant beyond its ends (NumPy's interp). */
function interpolated(x: number, xs: Float32Array, ys: Float32Array): number {
  const last = xs.length - 1;
  if (x >= xs[last]!) return ys[last]!;
  if (x < xs[0]!) return ys[0]!;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle]! <= x) low = middle;
    else high = middle;
  }
  const slope = (ys[low + 1]! - ys[low]!) / (xs[low + 1]! - xs[low]!);
  return slope * (x - xs[low]!) + ys[low]!;
}
