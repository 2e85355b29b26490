import { printShape, sameShape, without } from "../base/shape.ts";
import { build, dtypeError, type Node, shapeError } from "../graph/index.ts";
import { logSoftmax } from "./activation.ts";
import { abs, add, clip, div, maximum, mul, neg, sub } from "./arithmetic.ts";
import { dropAxes, normalizeAxis } from "./axes.ts";
import { requireFloat } from "./broadcast.ts";
import { where } from "./compare.ts";
import { exp, log, log1p } from "./exponential.ts";
import { sum } from "./reduce.ts";

/** Probabilities are kept this far from 0 and 1, as in Keras. */
const probabilityMargin = 1e-7;

export interface CrossentropyOptions {
  /** The output is logits (before the softmax or sigmoid) instead of probabilities. */
  readonly fromLogits?: boolean;
}

export interface ClassCrossentropyOptions extends CrossentropyOptions {
  /** The axis of the classes. */
  readonly axis?: number;
}

/** `−Σ target · log(output)` along the classes, one loss for each row; probabilities are first made to sum to 1. */
export function categoricalCrossentropy(target: Node, output: Node, options: ClassCrossentropyOptions = {}): Node {
  const op = "categoricalCrossentropy";
  requireFloat(op, output);
  const axis = normalizeAxis(op, options.axis ?? -1, output.shape.length, output);
  if (!sameShape(target.shape, output.shape)) {
    throw shapeError(
      `${op}: the targets are ${printShape(target.shape)}, the output is ${printShape(output.shape)}`,
      [target, output],
      "targets are one-hot; use sparseCategoricalCrossentropy for class numbers",
    );
  }
  const logs = logProbabilities(output, axis, options);
  return build.cast(neg(sum(mul(build.cast(target, logs.dtype), logs), axis)), output.dtype);
}

/** `−log(output[label])`, one loss for each row; labels may have a last axis of size 1. Labels out of range give 0. */
export function sparseCategoricalCrossentropy(
  target: Node,
  output: Node,
  options: ClassCrossentropyOptions = {},
): Node {
  const op = "sparseCategoricalCrossentropy";
  requireFloat(op, output);
  const axis = normalizeAxis(op, options.axis ?? -1, output.shape.length, output);
  const rows = without(output.shape, [axis]);
  const rank = target.shape.length;
  const labels = rank === output.shape.length && target.shape[rank - 1] === 1 ? dropAxes(target, [rank - 1]) : target;
  if (!sameShape(labels.shape, rows)) {
    throw shapeError(
      `${op}: the labels are ${printShape(target.shape)}, expected ${printShape(rows)} for an output of ${printShape(output.shape)}`,
      [target, output],
      "labels are class numbers, one for each row; use categoricalCrossentropy for one-hot targets",
    );
  }
  if (target.dtype === "bool")
    throw dtypeError(`${op}: the labels are bool, not class numbers`, [target], 'cast them: cast(labels, "i32")');
  const logs = logProbabilities(output, axis, options);
  const column = build.reshape(
    build.cast(labels, "i32"),
    output.shape.map((size, index) => (index === axis ? 1 : size)),
  );
  const hit = build.compare("eq", build.expand(column, output.shape), build.iota(output.shape, axis));
  return build.cast(neg(sum(where(hit, logs, 0), axis)), output.dtype);
}

/** In f32, which holds the margin and its distance from 1. */
function logProbabilities(given: Node, axis: number, { fromLogits = false }: CrossentropyOptions): Node {
  const output = build.cast(given, "f32");
  if (fromLogits) return logSoftmax(output, axis);
  const normalized = div(output, sum(output, axis, { keepDims: true }));
  return log(clip(normalized, probabilityMargin, 1 - probabilityMargin));
}

/** `−target · log(output) − (1 − target) · log(1 − output)` for every element, computed in f32. */
export function binaryCrossentropy(target: Node, output: Node, options: CrossentropyOptions = {}): Node {
  const op = "binaryCrossentropy";
  requireFloat(op, output);
  if (!sameShape(target.shape, output.shape)) {
    throw shapeError(`${op}: the targets are ${printShape(target.shape)}, the output is ${printShape(output.shape)}`, [
      target,
      output,
    ]);
  }
  return build.cast(wideBinary(build.cast(target, "f32"), build.cast(output, "f32"), options), output.dtype);
}

function wideBinary(z: Node, output: Node, { fromLogits = false }: CrossentropyOptions): Node {
  // max(x, 0) − x·z + log(1 + e^−|x|): no logarithm of a rounded 0
  if (fromLogits) return add(sub(maximum(output, 0), mul(output, z)), log1p(exp(neg(abs(output)))));
  const p = clip(output, probabilityMargin, 1 - probabilityMargin);
  return neg(add(mul(z, log(p)), mul(sub(1, z), log(sub(1, p)))));
}
