import { ArgumentError } from "../base/errors.ts";
import { jit, type Tensor, type Variable, valueAndGrad } from "../tensor/index.ts";
import { type Along, lineSearch } from "./lineSearch.ts";

export interface LbfgsOptions {
  /** Default 100. */
  readonly maxIterations?: number | undefined;
  /** How many steps the curvature is learnt from. Default 10. */
  readonly memory?: number | undefined;
  /** Ends when no element of the gradient is larger. Default 1e-6. */
  readonly gradientTolerance?: number | undefined;
  /** Ends when the loss changes by less than this share of itself. Default 1e-9. */
  readonly changeTolerance?: number | undefined;
}

export interface LbfgsResult {
  readonly loss: number;
  readonly iterations: number;
  /** How often the loss and its gradient were computed. */
  readonly evaluations: number;
  /** Which tolerance ended it; undefined when the iterations were used up. */
  readonly reason: "gradient" | "change" | undefined;
}

/** A point that has been measured. */
interface Point {
  readonly x: Float64Array;
  readonly loss: number;
  readonly gradient: Float64Array;
}
/** Where a step came from and what it changed: s of the variables, y of the gradient, and 1 / (y·s). */
interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

/**
 * Minimises `loss()` over `variables` with the limited-memory method of Broyden, Fletcher, Goldfarb and Shanno (Liu & Nocedal 1989).
 * The loss is that of the whole data, without chance: what is computed runs on the device, the few decisions are made here.
 */
export async function lbfgs(
  loss: () => Tensor,
  variables: readonly Variable[],
  options: LbfgsOptions = {},
): Promise<LbfgsResult> {
  const { maxIterations = 100, memory = 10, gradientTolerance = 1e-6, changeTolerance = 1e-9 } = options;
  if (variables.length === 0) throw new ArgumentError("lbfgs: there are no variables to move");
  const measured = measuring(loss, variables);
  let now = await measured.at(await measured.present());
  const pairs: Pair[] = [];
  let reason: LbfgsResult["reason"] = largest(now.gradient) <= gradientTolerance ? "gradient" : undefined;
  let iterations = 0;
  while (reason === undefined && iterations < maxIterations) {
    iterations++;
    const direction = towards(now.gradient, pairs);
    const next = await step(now, direction, pairs.length === 0, measured.at);
    const s = next.x.map((value, index) => value - now.x[index]!);
    const y = next.gradient.map((value, index) => value - now.gradient[index]!);
    const curvature = dot(y, s);
    if (curvature > 1e-10 * dot(y, y)) pairs.push({ s, y, rho: 1 / curvature });
    if (pairs.length > memory) pairs.shift();
    const change = Math.abs(next.loss - now.loss);
    if (largest(next.gradient) <= gradientTolerance) reason = "gradient";
    else if (change <= changeTolerance * Math.max(1, Math.abs(now.loss))) {
      // What was learnt may mislead: once more straight down, then it is the end.
      if (pairs.length <= 1) reason = "change";
      else pairs.length = 0;
    }
    now = next;
  }
  measured.assign(now.x);
  return { loss: now.loss, iterations, evaluations: measured.count(), reason };
}

/** The best point along `direction` from `from`. */
async function step(
  from: Point,
  direction: Float64Array,
  first: boolean,
  at: (x: Float64Array) => Promise<Point>,
): Promise<Point> {
  const along = (t: number, point: Point): Along & { readonly point: Point } => ({
    t,
    value: point.loss,
    slope: dot(point.gradient, direction),
    point,
  });
  const start = along(0, from);
  // The first step knows no scale but the gradient's.
  const length = first ? Math.min(1, 1 / from.gradient.reduce((sum, g) => sum + Math.abs(g), 0)) : 1;
  const found = await lineSearch(start, length, async (t) =>
    along(t, await at(from.x.map((value, index) => value + t * direction[index]!))),
  );
  return found.point;
}

/** −H·g, where H is the inverse curvature as the pairs tell it: two loops (Nocedal & Wright 2006, algorithm 7.4). */
function towards(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = gradient.slice();
  const subtract = (by: number, from: Float64Array): void => {
    for (let index = 0; index < q.length; index++) q[index]! -= by * from[index]!;
  };
  const alphas = [...pairs].reverse().map(({ s, y, rho }) => {
    const alpha = rho * dot(s, q);
    subtract(alpha, y);
    return alpha;
  });
  const last = pairs.at(-1);
  const scale = last === undefined ? 1 : 1 / (last.rho * dot(last.y, last.y));
  for (let index = 0; index < q.length; index++) q[index]! *= scale;
  pairs.forEach(({ s, y, rho }, index) => {
    const alpha = alphas[pairs.length - 1 - index]!;
    subtract(rho * dot(y, q) - alpha, s);
  });
  return q.map((value) => -value);
}

interface Measuring {
  /** Loss and gradient with the variables at `x`, as far as f32 holds it. */
  at(x: Float64Array): Promise<Point>;
  present(): Promise<Float64Array>;
  assign(x: Float64Array): void;
  count(): number;
}

function measuring(loss: () => Tensor, variables: readonly Variable[]): Measuring {
  const run = jit(() => valueAndGrad(loss, variables), { name: "lbfgs" });
  const joined = async (parts: readonly Tensor[]): Promise<Float64Array> =>
    Float64Array.from(
      (await Promise.all(parts.map(async (part) => [...((await part.data()) as Iterable<number>)]))).flat(),
    );
  const assign = (x: Float64Array): void => {
    let at = 0;
    for (const target of variables) {
      const values = Float32Array.from(x.subarray(at, at + target.size));
      at += target.size;
      target.assignBytes(new Uint8Array(values.buffer));
    }
  };
  let evaluations = 0;
  return {
    assign,
    count: () => evaluations,
    present: () => joined(variables),
    at: async (wanted) => {
      const x = wanted.map(Math.fround);
      assign(x);
      evaluations++;
      const [value, gradients] = run();
      return { x, loss: await value.item(), gradient: await joined(gradients) };
    },
  };
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, index) => sum + value * b[index]!, 0);
const largest = (x: Float64Array): number => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
