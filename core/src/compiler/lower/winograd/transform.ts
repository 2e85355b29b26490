import { range } from "../../../base/shape.ts";
import { add, number, sub, product as timesIn } from "../../../kernel/build.ts";
import type { Expr } from "../../../kernel/ir.ts";

/*
 * Winograd's minimal filtering: `outputs` results of a filter of `taps` taps take outputs + taps − 1 products instead of
 * outputs · taps (Winograd, "Arithmetic Complexity of Computations", 1980; for networks: Lavin & Gray, "Fast Algorithms for
 * Convolutional Neural Networks", 2015). The matrices are Toom and Cook's, from the points 0, ±p for every pair, and infinity.
 */

/** The transforms of one axis. They hold as long as outputs + taps = size + 1. */
export interface Filtering {
  readonly outputs: number;
  readonly taps: number;
  /** Products along one axis: outputs + taps − 1, an even number. */
  readonly size: number;
  /** Each stands for the points p and −p. */
  readonly pairs: readonly number[];
}

type Matrix = readonly (readonly number[])[];

/**
 * Pairs of points by the number of products. The points for 6 make the error about twice that of plain sums, where 1 and 2
 * would make it four times as large; multiples of 1/8 are exact (compare Barabasz et al., "Error Analysis and Improving the
 * Accuracy of Winograd Convolution", 2018).
 */
const pairsOf: { readonly [size: number]: readonly number[] } = { 4: [1], 6: [0.625, 1.5] };

export const filtering = (outputs: number, taps: number): Filtering => {
  const size = outputs + taps - 1;
  return { outputs, taps, size, pairs: pairsOf[size]! };
};

const pointsOf = ({ pairs }: Filtering): number[] => [0, ...pairs.flatMap((point) => [point, -point])];

/** Coefficients of the product of two polynomials, lowest power first. */
const product = (a: readonly number[], b: readonly number[]): number[] =>
  range(a.length + b.length - 1).map((power) =>
    a.reduce((sum, x, i) => sum + x * (power - i >= 0 ? (b[power - i] ?? 0) : 0), 0),
  );

/** Π (x − point) as coefficients, filled up with zeros. */
function polynomial(points: readonly number[], size: number): number[] {
  const coefficients = points.reduce<number[]>((all, point) => product(all, [-point, 1]), [1]);
  return [...coefficients, ...range(size - coefficients.length).map(() => 0)];
}

/** Bᵀ: one row of polynomial coefficients a point. */
export function dataMatrix(form: Filtering): Matrix {
  const points = pointsOf(form);
  const others = points.map((_, i) => points.filter((_, j) => j !== i));
  return [...others, points].map((roots) => polynomial(roots, form.size));
}

/** G: powers of the points, divided by their distances from the others. */
export function filterMatrix(form: Filtering): Matrix {
  const points = pointsOf(form);
  const rows = points.map((point, i) => {
    const scale = points.reduce((all, other, j) => (j === i ? all : all * (point - other)), 1);
    return range(form.taps).map((power) => point ** power / scale);
  });
  return [...rows, range(form.taps).map((power) => (power === form.taps - 1 ? 1 : 0))];
}

const scaled = (factor: number, x: Expr): Expr => timesIn(number(factor, "f32"), x);

function dot(factors: readonly number[], terms: readonly Expr[]): Expr | undefined {
  const parts = terms.flatMap((term, i) => (factors[i] === 0 ? [] : [scaled(factors[i]!, term)]));
  return parts.length === 0 ? undefined : parts.reduce(add);
}

const onParity = (factors: readonly number[], parity: number): number[] =>
  factors.map((factor, power) => (power % 2 === parity ? factor : 0));

/** One row a point. The rows of p and −p differ in the sign of the odd powers: even and odd sums are shared. */
function transform(matrix: Matrix, { pairs }: Filtering, terms: readonly Expr[]): Expr[] {
  const zero = number(0, "f32");
  const both = pairs.flatMap((_, pair) => {
    const row = matrix[1 + 2 * pair]!;
    const even = dot(onParity(row, 0), terms) ?? zero;
    const odd = dot(onParity(row, 1), terms);
    return odd === undefined ? [even, even] : [add(even, odd), sub(even, odd)];
  });
  return [dot(matrix[0]!, terms) ?? zero, ...both, dot(matrix.at(-1)!, terms) ?? zero];
}

export const transformData = (form: Filtering, data: readonly Expr[]): Expr[] =>
  transform(dataMatrix(form), form, data);

export const transformFilter = (form: Filtering, taps: readonly Expr[]): Expr[] =>
  transform(filterMatrix(form), form, taps);

/** Aᵀ: outputs from products; output k is Σ pointᵏ · product, and the product at infinity joins the last one. */
export function transformProducts({ outputs, pairs }: Filtering, products: readonly Expr[]): Expr[] {
  const sums = pairs.map((_, pair) => add(products[1 + 2 * pair]!, products[2 + 2 * pair]!));
  const differences = pairs.map((_, pair) => sub(products[1 + 2 * pair]!, products[2 + 2 * pair]!));
  return range(outputs).map((power) => {
    const paired = dot(
      pairs.map((point) => point ** power),
      power % 2 === 0 ? sums : differences,
    )!;
    const first = power === 0 ? add(products[0]!, paired) : paired;
    return power === outputs - 1 ? add(first, products.at(-1)!) : first;
  });
}

/** A transform along both axes of a square, row-major. */
export function onSquare(side: number, square: readonly Expr[], along: (line: readonly Expr[]) => Expr[]): Expr[] {
  const columns = range(side).map((column) => along(range(side).map((row) => square[row * side + column]!)));
  const height = columns[0]!.length;
  return range(height).flatMap((row) => along(columns.map((column) => column[row]!)));
}
