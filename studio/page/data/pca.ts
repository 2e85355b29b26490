/** Rows of numbers, one after the other. */
export interface Rows {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

const sweeps = 60;

/**
 * The first `dimensions` principal components of the rows: their coordinates, [rows, dimensions]. Orthogonal iteration on the
 * covariance; each axis has the sign that makes its largest loading positive, so that pictures of one run do not flip.
 */
export function principalComponents({ values, rows, columns }: Rows, dimensions: number): Float32Array {
  const mean = new Float64Array(columns);
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < columns; at++) mean[at]! += values[row * columns + at]! / rows;
  const centred = Float64Array.from(values, (value, at) => value - mean[at % columns]!);
  const count = Math.min(dimensions, columns);
  let axes: Float64Array[] = Array.from({ length: count }, (_, axis) =>
    Float64Array.from({ length: columns }, (_, at) => Math.cos(1 + at * (axis + 1)) + (at === axis ? 1 : 0)),
  );
  for (let sweep = 0; sweep < sweeps; sweep++) {
    axes = orthonormal(axes.map((axis) => covarianceTimes(centred, rows, columns, axis)));
  }
  for (const axis of axes) {
    const largest = axis.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    if (largest < 0) for (let at = 0; at < columns; at++) axis[at]! *= -1;
  }
  const told = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) {
    for (const [place, axis] of axes.entries()) {
      let sum = 0;
      for (let at = 0; at < columns; at++) sum += centred[row * columns + at]! * axis[at]!;
      told[row * dimensions + place] = sum;
    }
  }
  return told;
}

function covarianceTimes(centred: Float64Array, rows: number, columns: number, axis: Float64Array): Float64Array {
  const product = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let at = 0; at < columns; at++) sum += centred[row * columns + at]! * axis[at]!;
    for (let at = 0; at < columns; at++) product[at]! += sum * centred[row * columns + at]!;
  }
  return product;
}

/** Gram and Schmidt's process; what depends on the axes before becomes zero. */
function orthonormal(axes: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const axis of axes) {
    for (const before of done) {
      const along = before.reduce((sum, value, at) => sum + value * axis[at]!, 0);
      for (let at = 0; at < axis.length; at++) axis[at]! -= along * before[at]!;
    }
    const norm = Math.sqrt(axis.reduce((sum, value) => sum + value * value, 0));
    done.push(norm < 1e-9 ? axis.fill(0) : axis.map((value) => value / norm));
  }
  return done;
}
