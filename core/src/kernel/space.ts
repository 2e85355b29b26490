import type { DType } from "../base/dtype.ts";
import { InternalError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { and, bool, compare, index, int, isNumber } from "./build.ts";
import type { Expr } from "./ir.ts";
import { keyOf } from "./key.ts";
import {
  addScaled,
  constantLinear,
  filterTerms,
  fromLinear,
  type Linear,
  mapFactors,
  rawDivision,
  toLinear,
} from "./linear.ts";

/** The integers from the first to the second, both included. */
export type Interval = readonly [number, number];

const everything: Interval = [-(2 ** 31), 2 ** 31 - 1];

const intervalOfDType: { readonly [D in DType]?: Interval } = { bool: [0, 1], u8: [0, 255], i8: [-128, 127] };

const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b));

const floorMod = (x: number, by: number): number => ((x % by) + by) % by;

/**
 * Loop indices with their ranges, and integer arithmetic that uses them: (i·32 + j) / 32 is i and (i·32 + j) % 32 is j
 * when 0 ≤ j < 32. Quotients and remainders are floored, by positive constants; guards that the ranges decide vanish.
 */
export class IndexSpace {
  readonly #ranges = new Map<string, Interval>();
  readonly #ranks = new Map<string, number>();
  readonly #known = new WeakMap<Expr, number>();

  /** The index (or i32 local) `name`, made inside all indices made before, with values from 0 to `extent` - 1 (or an interval). */
  index(name: string, extent: number | Interval): Expr {
    if (this.#ranges.has(name)) throw new InternalError(`IndexSpace: index ${name} exists`);
    this.#ranges.set(name, typeof extent === "number" ? [0, Math.max(0, extent - 1)] : extent);
    this.#ranks.set(name, this.#ranks.size + 1);
    return index(name);
  }

  /** How far inside the loops an expression varies: the number of the innermost index in it; 0 for constants. */
  rank(expr: Expr): number {
    let rank = this.#known.get(expr);
    if (rank === undefined) {
      rank = this.#rankOf(expr);
      this.#known.set(expr, rank);
    }
    return rank;
  }

  #rankOf(expr: Expr): number {
    switch (expr.kind) {
      case "index":
      case "local":
        return this.#ranks.get(expr.name) ?? 0;
      case "binary":
      case "bits":
      case "compare":
        return Math.max(this.rank(expr.x), this.rank(expr.y));
      case "unary":
      case "cast":
      case "bitcast":
        return this.rank(expr.x);
      case "load":
        return this.rank(expr.at);
      case "select":
        return Math.max(this.rank(expr.when), this.rank(expr.then), this.rank(expr.else));
      case "threefry":
        return Math.max(this.rank(expr.key0), this.rank(expr.key1), this.rank(expr.counter));
      case "number":
      case "param":
        return 0;
    }
  }

  /** What values an i32 expression can have. */
  interval(expr: Expr): Interval {
    switch (expr.kind) {
      case "number":
        return [expr.value, expr.value];
      case "index":
      case "local":
        return this.#ranges.get(expr.name) ?? everything;
      case "param":
        return [0, everything[1]];
      case "load":
        return intervalOfDType[expr.dtype] ?? everything;
      case "cast": {
        const inner = this.#castInterval(expr.x);
        const outer = intervalOfDType[expr.dtype] ?? everything;
        return inner !== undefined && inner[0] >= outer[0] && inner[1] <= outer[1] ? inner : outer;
      }
      case "select": {
        const [low, high] = this.interval(expr.then);
        const [otherLow, otherHigh] = this.interval(expr.else);
        return [Math.min(low, otherLow), Math.max(high, otherHigh)];
      }
      case "binary":
        return expr.dtype === "i32" ? this.#binaryInterval(expr) : everything;
      default:
        return everything;
    }
  }

  #castInterval(x: Expr): Interval | undefined {
    const dtype =
      x.kind === "compare"
        ? "bool"
        : x.kind === "index" || x.kind === "param" || x.kind === "threefry"
          ? undefined
          : x.dtype;
    return dtype === "i32" ? this.interval(x) : dtype === undefined ? undefined : intervalOfDType[dtype];
  }

  #binaryInterval(expr: Extract<Expr, { kind: "binary" }>): Interval {
    if (expr.op === "add" || expr.op === "sub" || expr.op === "mul") return this.#linearInterval(toLinear(expr));
    const [low, high] = this.interval(expr.x);
    const [otherLow, otherHigh] = this.interval(expr.y);
    const constant = isNumber(expr.y) ? expr.y.value : undefined;
    switch (expr.op) {
      case "div":
        return constant === undefined || constant <= 0
          ? everything
          : [Math.floor(low / constant), Math.floor(high / constant)];
      case "mod":
        return constant === undefined || constant <= 0 ? everything : [0, constant - 1];
      case "min":
        return [Math.min(low, otherLow), Math.min(high, otherHigh)];
      case "max":
        return [Math.max(low, otherLow), Math.max(high, otherHigh)];
      default:
        return everything;
    }
  }

  #linearInterval({ terms, constant }: Linear): Interval {
    let low = constant;
    let high = constant;
    for (const { atom, factor } of terms.values()) {
      // A product of two indices is an atom too; asking for its interval as a sum would not end.
      const product = atom.kind === "binary" && (atom.op === "mul" || atom.op === "add" || atom.op === "sub");
      const [from, to] = product ? everything : this.interval(atom);
      low += factor * (factor > 0 ? from : to);
      high += factor * (factor > 0 ? to : from);
    }
    return [low, high];
  }

  #expr(linear: Linear): Expr {
    return fromLinear(linear, (atom) => this.rank(atom));
  }

  add(x: Expr, y: Expr): Expr {
    return this.#expr(this.#recombine(addScaled(toLinear(x), toLinear(y), 1)));
  }

  sub(x: Expr, y: Expr): Expr {
    return this.#expr(this.#recombine(addScaled(toLinear(x), toLinear(y), -1)));
  }

  /** x · factor. */
  mul(x: Expr, factor: number): Expr {
    return this.#expr(addScaled(constantLinear(0), toLinear(x), factor));
  }

  /** ⌊x / by⌋. */
  div(x: Expr, by: number): Expr {
    return by === 1 ? x : this.#expr(this.#divide(toLinear(x), by));
  }

  /** x − by·⌊x / by⌋. */
  mod(x: Expr, by: number): Expr {
    return by === 1 ? int(0) : this.#expr(this.#remainder(toLinear(x), by));
  }

  /** The smaller one. */
  min(x: Expr, y: Expr): Expr {
    if (this.#always(this.less(y, x), 1)) return y;
    if (this.#always(this.less(y, x), 0)) return x;
    return { kind: "binary", op: "min", x, y, dtype: "i32" };
  }

  /** The only quotient that all values of `linear` have, if there is one. */
  #onlyQuotient(linear: Linear, by: number): number | undefined {
    const [low, high] = this.#linearInterval(linear);
    const quotient = Math.floor(low / by);
    return quotient === Math.floor(high / by) ? quotient : undefined;
  }

  #divide(linear: Linear, by: number): Linear {
    if (by === 1) return linear;
    // Whole multiples leave: (by·a + b) / by = a + b / by; so does the constant's whole part.
    const divisible = (factor: number): boolean => factor % by === 0;
    const wholeConstant = Math.floor(linear.constant / by);
    const whole: Linear = {
      terms: mapFactors(filterTerms(linear, divisible), (factor) => factor / by).terms,
      constant: wholeConstant,
    };
    let rest: Linear = {
      terms: filterTerms(linear, (factor) => !divisible(factor)).terms,
      constant: linear.constant - wholeConstant * by,
    };
    let quotient = whole;
    for (const normalise of [false, true]) {
      if (normalise) {
        // Negative values: factors become positive remainders, so that the division is never of a negative number.
        if (this.#linearInterval(rest)[0] >= 0) break;
        quotient = addScaled(
          quotient,
          { terms: mapFactors(rest, (factor) => Math.floor(factor / by)).terms, constant: 0 },
          1,
        );
        rest = { terms: mapFactors(rest, (factor) => floorMod(factor, by)).terms, constant: rest.constant };
      }
      const only = this.#onlyQuotient(rest, by);
      if (only !== undefined) return addScaled(quotient, constantLinear(only), 1);
    }
    return this.#recombine(addScaled(quotient, this.#divideRest(rest, by), 1));
  }

  /** A division that needs an operation: by the common factor first, where the smaller terms cannot carry. */
  #divideRest(rest: Linear, by: number): Linear {
    for (const common of this.#commonFactors(rest, by)) {
      const small = filterTerms(rest, (factor) => factor % common !== 0);
      const [low, high] = this.#linearInterval({ terms: small.terms, constant: floorMod(rest.constant, common) });
      if (low < 0 || high >= common) continue;
      const large = filterTerms(rest, (factor) => factor % common === 0).terms;
      const reduced: Linear = {
        terms: mapFactors({ terms: large, constant: 0 }, (factor) => factor / common).terms,
        constant: Math.floor(rest.constant / common),
      };
      return this.#divide(reduced, by / common);
    }
    const atom = this.#onlyAtom(rest);
    if (atom?.kind === "binary" && isNumber(atom.y)) {
      if (atom.op === "div") return this.#divide(toLinear(atom.x), atom.y.value * by);
      if (atom.op === "mod" && atom.y.value % by === 0) {
        return this.#remainder(this.#divide(toLinear(atom.x), by), atom.y.value / by);
      }
    }
    return toLinear(rawDivision("div", this.#expr(rest), by));
  }

  #remainder(linear: Linear, by: number): Linear {
    if (by === 1) return constantLinear(0);
    let rest: Linear = {
      terms: filterTerms(linear, (factor) => factor % by !== 0).terms,
      constant: floorMod(linear.constant, by),
    };
    for (const normalise of [false, true]) {
      if (normalise) {
        if (this.#linearInterval(rest)[0] >= 0) break;
        rest = { terms: mapFactors(rest, (factor) => floorMod(factor, by)).terms, constant: rest.constant };
      }
      const only = this.#onlyQuotient(rest, by);
      if (only !== undefined) return addScaled(rest, constantLinear(only * by), -1);
    }
    for (const common of this.#commonFactors(rest, by)) {
      const small: Linear = {
        terms: filterTerms(rest, (factor) => factor % common !== 0).terms,
        constant: floorMod(rest.constant, common),
      };
      const [low, high] = this.#linearInterval(small);
      if (low < 0 || high >= common) continue;
      const large: Linear = {
        terms: mapFactors(
          { terms: filterTerms(rest, (factor) => factor % common === 0).terms, constant: 0 },
          (f) => f / common,
        ).terms,
        constant: Math.floor(rest.constant / common),
      };
      return addScaled(small, this.#remainder(large, by / common), common);
    }
    const atom = this.#onlyAtom(rest);
    if (atom?.kind === "binary" && atom.op === "mod" && isNumber(atom.y) && atom.y.value % by === 0) {
      return this.#remainder(toLinear(atom.x), by);
    }
    return toLinear(rawDivision("mod", this.#expr(rest), by));
  }

  #onlyAtom({ terms, constant }: Linear): Expr | undefined {
    const [first] = terms.values();
    return terms.size === 1 && constant === 0 && first?.factor === 1 ? first.atom : undefined;
  }

  /** Divisors of `by` (above 1) that some term has in common with it, largest first. */
  #commonFactors({ terms }: Linear, by: number): number[] {
    const factors = [...terms.values()].map(({ factor }) => gcd(factor, by)).filter((common) => common > 1);
    return [...new Set(factors)].sort((a, b) => b - a);
  }

  /** c·(x / c) + x % c is x. */
  #recombine(linear: Linear): Linear {
    for (const [key, { atom, factor }] of linear.terms) {
      if (atom.kind !== "binary" || atom.op !== "mod" || !isNumber(atom.y)) continue;
      const by = atom.y.value;
      const x = toLinear(atom.x);
      const quotient = this.#divide(x, by);
      const matches = [...quotient.terms].every(
        ([other, term]) => linear.terms.get(other)?.factor === factor * by * term.factor,
      );
      if (quotient.terms.size === 0 || !matches) continue;
      const terms = new Map(linear.terms);
      terms.delete(key);
      const without = addScaled({ terms, constant: linear.constant }, quotient, -factor * by);
      return this.#recombine(addScaled(without, x, factor));
    }
    return linear;
  }

  #always(condition: Expr, value: 0 | 1): boolean {
    return isNumber(condition) && condition.value === value;
  }

  /** x < y, decided when the ranges decide it. */
  less(x: Expr, y: Expr): Expr {
    const difference = this.#whole(this.#recombine(addScaled(toLinear(x), toLinear(y), -1)));
    const [low, high] = this.#linearInterval(difference);
    if (high < 0) return bool(true);
    if (low >= 0) return bool(false);
    // One form for each comparison, terms on the left and the constant on the right, so that equal guards are found equal.
    const terms: Linear = { terms: difference.terms, constant: 0 };
    const divisor = [...terms.terms.values()].reduce((common, { factor }) => gcd(factor, common), 0);
    const bound = Math.ceil(-difference.constant / divisor);
    const reduced = mapFactors(terms, (factor) => factor / divisor);
    if ([...reduced.terms.values()].every(({ factor }) => factor < 0)) {
      return compare("lt", int(-bound), this.#expr(mapFactors(reduced, (factor) => -factor)));
    }
    return compare("lt", this.#expr(reduced), int(bound));
  }

  /** What is less than 0 just where `linear` is: without small terms that never carry, as j in 32·i + j < 384 where j is below 32. */
  #whole(linear: Linear): Linear {
    const factors = [...linear.terms.values()].map(({ factor }) => Math.abs(factor)).filter((factor) => factor > 1);
    for (const by of factors.sort((a, b) => b - a)) {
      const small = filterTerms(linear, (factor) => factor % by !== 0).terms;
      const only = this.#onlyQuotient({ terms: small, constant: linear.constant }, by);
      if (small.size === 0 || only === undefined) continue;
      const { terms } = filterTerms(linear, (factor) => factor % by === 0);
      return { terms: mapFactors({ terms, constant: 0 }, (factor) => factor / by).terms, constant: only };
    }
    return linear;
  }

  /** x = y, decided when the ranges decide it. */
  equal(x: Expr, y: Expr): Expr {
    const difference = this.#recombine(addScaled(toLinear(x), toLinear(y), -1));
    const [low, high] = this.#linearInterval(difference);
    if (low > 0 || high < 0) return bool(false);
    if (low === 0 && high === 0) return bool(true);
    const { terms, constant } = difference;
    return compare("eq", this.#expr({ terms, constant: 0 }), int(-constant));
  }

  /** 0 ≤ x < size. */
  inside(x: Expr, size: number): Expr {
    return and(this.less(int(-1), x), this.less(x, int(size)));
  }

  /** The row-major position of `indices` in `shape`. */
  flatten(indices: readonly Expr[], shape: Shape): Expr {
    let linear = constantLinear(0);
    let stride = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      linear = addScaled(linear, toLinear(indices[axis]!), stride);
      stride *= shape[axis]!;
    }
    return this.#expr(this.#recombine(linear));
  }

  /** The indices in `shape` of a row-major position, which is known to be inside. */
  unflatten(position: Expr, shape: Shape): Expr[] {
    const indices = new Array<Expr>(shape.length);
    let stride = 1;
    const outermost = shape.findIndex((size) => size !== 1);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis]!;
      if (size === 1) indices[axis] = int(0);
      // The outermost quotient is below its size because the position is inside.
      else indices[axis] = axis === outermost ? this.div(position, stride) : this.mod(this.div(position, stride), size);
      stride *= Math.max(size, 1);
    }
    return indices;
  }

  /** Whether two i32 expressions are equal for all index values, as far as the normal form tells. */
  same(x: Expr, y: Expr): boolean {
    return keyOf(this.add(x, int(0))) === keyOf(this.add(y, int(0)));
  }
}
