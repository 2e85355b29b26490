/** What is fitted: a curve of two numbers. */
type Curve = (parameters: readonly number[]) => (x: number) => number;
interface Options {
  readonly initialValues: readonly number[];
}

const [rounds, smallStep] = [100, 1e-6];

/**
 * Least squares of a curve with two parameters, by Levenberg and Marquardt's damped steps. It stands in the place of the package
 * `ml-levenberg-marquardt` in umap-js, which fits two numbers with a library of matrices three times as large as all the rest.
 */
export default function fit(
  { x, y }: { readonly x: readonly number[]; readonly y: readonly number[] },
  curve: Curve,
  { initialValues }: Options,
): { readonly parameterValues: readonly number[] } {
  const errorsOf = (at: readonly number[]): number[] => {
    const value = curve(at);
    return x.map((each, index) => y[index]! - value(each));
  };
  const sum = (values: readonly number[], others = values): number =>
    values.reduce((total, value, index) => total + value * others[index]!, 0);
  let best = [...initialValues];
  let errors = errorsOf(best);
  let damping = 1;
  for (let round = 0; round < rounds; round++) {
    const slopes = best.map((value, place) => {
      const moved = errorsOf(best.with(place, value + smallStep));
      return moved.map((error, index) => (errors[index]! - error) / smallStep);
    });
    const [a, b] = slopes as [number[], number[]]; // two parameters
    const [aa, ab, bb] = [sum(a) + damping, sum(a, b), sum(b) + damping];
    const [ae, be] = [sum(a, errors), sum(b, errors)];
    const determinant = aa * bb - ab * ab;
    const next = [best[0]! + (bb * ae - ab * be) / determinant, best[1]! + (aa * be - ab * ae) / determinant];
    const after = errorsOf(next);
    if (sum(after) < sum(errors)) {
      [best, errors] = [next, after];
      damping /= 4;
    } else damping *= 4;
  }
  return { parameterValues: best };
}
