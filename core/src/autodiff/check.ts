import { isFloat } from "../base/dtype.ts";
import { ChainruleError } from "../base/errors.ts";
import { printShape, range, sizeOf } from "../base/shape.ts";
import { build, type Graph, type Node } from "../graph/index.ts";
import { type HostArray, hostArray, interpret } from "../reference/index.ts";
import { gradient } from "./gradient.ts";
import { add, mul, sum } from "./terms.ts";

export interface CheckOptions {
  /** 1 checks the gradient; 2 the gradient of a random combination of the gradients. */
  readonly order?: 1 | 2;
  /** Largest allowed |gradient − difference| / (1 + |difference|). */
  readonly tolerance?: number;
  /** Half the distance between the two points of a central difference. */
  readonly step?: number;
  /** At most so many elements an input are tried one by one; beyond that, a random choice of them. */
  readonly elements?: number;
  readonly seed?: number;
}

/**
 * Compares the gradients of `fn` at `inputs` with central differences in f64, element by element and along a random
 * direction; throws where they differ and returns the largest error. Outputs of any shape are summed with random weights.
 */
export function checkGradient(
  fn: (...xs: Node[]) => Node | readonly Node[],
  inputs: readonly HostArray[],
  { order = 1, tolerance = 1e-7, step = 1e-5, elements = 40, seed = 1 }: CheckOptions = {},
): number {
  const random = uniform(seed);
  const graph = objective(fn, inputs, order, random);
  const value: Graph = { inputs: graph.inputs, outputs: [graph.outputs[0]!] };
  const at = (point: readonly HostArray[]): number => interpret(value, point)[0]!.data[0]!;
  const slopes = interpret(graph, inputs).slice(1);
  const moving = range(inputs.length).filter((index) => isFloat(inputs[index]!.dtype));
  /** The slope along `direction`, from two points on both sides. */
  const difference = (direction: ReadonlyMap<number, Float64Array>): number => {
    const moved = (distance: number): HostArray[] =>
      inputs.map((array, index) => {
        const along = direction.get(index);
        return along === undefined ? array : { ...array, data: array.data.map((x, i) => x + distance * along[i]!) };
      });
    return (at(moved(step)) - at(moved(-step))) / (2 * step);
  };

  let worst = 0;
  const compare = (what: string, analytic: number, numeric: number): void => {
    const error = Math.abs(analytic - numeric) / (1 + Math.abs(numeric));
    // Written so that NaN fails too.
    if (!(error <= tolerance)) {
      throw new ChainruleError({
        what: `checkGradient: ${what}: the derivative of order ${order} is ${analytic}, differences give ${numeric}`,
        details: inputs.map(({ shape, dtype, data }, index) => ({
          role: `input ${index}`,
          value: `${dtype} ${printShape(shape)}`,
          origin: [...data.subarray(0, 12)].map((x) => x.toPrecision(4)).join(" "),
        })),
      });
    }
    worst = Math.max(worst, error);
  };

  for (const [place, index] of moving.entries()) {
    const size = sizeOf(inputs[index]!.shape);
    const tried = size <= elements ? range(size) : range(elements).map(() => Math.floor(random() * size));
    for (const element of tried) {
      const direction = new Float64Array(size);
      direction[element] = 1;
      compare(
        `input ${index}, element ${element}`,
        slopes[place]!.data[element]!,
        difference(new Map([[index, direction]])),
      );
    }
  }
  const everywhere = new Map(moving.map((index) => [index, inputs[index]!.data.map(() => 2 * random() - 1)]));
  const along = moving.reduce(
    (total, index, place) =>
      total + slopes[place]!.data.reduce((part, slope, i) => part + slope * everywhere.get(index)![i]!, 0),
    0,
  );
  compare("along a random direction", along, difference(everywhere));
  return worst;
}

/** (inputs) → a scalar, then its gradients with respect to the float inputs. Random weights are constants of the graph. */
function objective(
  fn: (...xs: Node[]) => Node | readonly Node[],
  arrays: readonly HostArray[],
  order: 1 | 2,
  random: () => number,
): Graph {
  const inputs = arrays.map(({ shape, dtype }, index) => build.input(`x${index}`, shape, dtype));
  const floats = inputs.filter(({ dtype }) => isFloat(dtype));
  const combine = (nodes: readonly Node[]): Node =>
    nodes
      .filter(({ dtype }) => isFloat(dtype))
      .map((node) => sum(mul(build.cast(node, "f32"), weights(node, random)), range(node.shape.length)))
      .reduce(add);
  const result = fn(...inputs);
  const first = combine("op" in result ? [result] : result);
  const scalar = order === 1 ? first : combine(gradient(first, floats));
  return { inputs, outputs: [scalar, ...gradient(scalar, floats)] };
}

/** Different weights in [0.5, 1.5) for the elements of `like`, as a graph without inputs: 0.5 + frac(i·step + start). */
function weights(like: Node, random: () => number): Node {
  const size = sizeOf(like.shape);
  const flat = { shape: [size], dtype: "f32" } as const;
  const steps = mul(build.iota([size], 0, "f32"), build.fill(0.1 + 0.8 * random(), flat));
  const fraction = build.binary("mod", add(steps, build.fill(random(), flat)), build.fill(1, flat));
  return build.reshape(add(fraction, build.fill(0.5, flat)), like.shape);
}

/** Numbers in [0, 1): mulberry32, enough for tests. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An f32 array of `shape` with values between `low` and `high`. */
export function sample(shape: readonly number[], low = -1, high = 1, seed = 7): HostArray {
  const random = uniform(seed + sizeOf(shape) * 31);
  return hostArray(
    shape,
    "f32",
    range(sizeOf(shape)).map(() => low + (high - low) * random()),
  );
}
