import { floats, integers, numbers } from "../base/dtype.ts";
import { InternalError } from "../base/errors.ts";
import { printShape, sameShape, sizeOf, without } from "../base/shape.ts";
import {
  alike,
  allow,
  binary,
  checkBody,
  demand,
  identity,
  only,
  span,
  type TensorType,
  typeOf,
  unary,
  validAxis,
} from "./demand.ts";
import { dtypeError } from "./describe.ts";
import { measureBuckets, measureFields } from "./measure.ts";
import type { Node } from "./node.ts";
import type { AttrsOf, Op } from "./primitives.ts";

export type { TensorType };

type InferRule<K extends Op> = (inputs: readonly Node[], attrs: AttrsOf<K>, op: K) => TensorType;

/** Shape and dtype of the node that `op` would make; throws ShapeError or DTypeError when the inputs do not fit. */
export function inferNode<K extends Op>(op: K, inputs: readonly Node[], attrs: AttrsOf<K>): TensorType {
  // The table is indexed by the same K that types attrs; TypeScript cannot see that across the union.
  const type = (infer[op] as InferRule<K>)(inputs, attrs, op);
  demand(
    type.shape.every((size) => Number.isInteger(size) && size >= 0),
    () => `${op}: ${printShape(type.shape)} is no shape: sizes are whole numbers of at least 0`,
    inputs,
  );
  demand(
    sizeOf(type.shape) <= mostElements,
    () => `${op}: ${printShape(type.shape)} has more than 2³¹ − 1 elements`,
    inputs,
  );
  return type;
}

/** Kernels count elements in i32. */
const mostElements = 2 ** 31 - 1;

/** The types of all results of a `scan` or `cond`. */
export function resultsOf(node: Node): TensorType[] {
  if (node.op === "cond") return (node.attrs as AttrsOf<"cond">).then.outputs.map(typeOf);
  if (node.op !== "scan") throw new InternalError(`resultsOf: ${node.op} has one result`);
  const { body, carries, length } = node.attrs as AttrsOf<"scan">;
  return body.outputs.map((output, index) =>
    index < carries ? typeOf(output) : { shape: [length, ...output.shape], dtype: output.dtype },
  );
}

/** The shape rule of every primitive. */
const infer: { readonly [K in Op]: InferRule<K> } = {
  input: (_, { shape, dtype }) => ({ shape, dtype }),
  const: (_, { dtype }) => ({ shape: [], dtype }),
  iota: (_, { shape, axis, dtype }) => {
    demand(validAxis(axis, shape.length), () => `iota: axis ${axis} is outside ${printShape(shape)}`);
    return { shape, dtype };
  },
  randomBits: (inputs, { shape }) => {
    const key = only(inputs);
    demand(sameShape(key.shape, [2]) && key.dtype === "u32", () => "randomBits: the key is u32 [2]", inputs);
    return { shape, dtype: "u32" };
  },

  neg: unary(numbers),
  exp: unary(floats),
  expm1: unary(floats),
  log: unary(floats),
  log1p: unary(floats),
  sqrt: unary(floats),
  sin: unary(floats),
  cos: unary(floats),
  atan: unary(floats),
  tanh: unary(floats),
  erf: unary(floats),
  gelu: unary(floats),
  geluDerivative: unary(floats),
  floor: unary(floats),

  add: binary(numbers),
  mul: binary(numbers),
  div: binary(numbers),
  mod: binary(numbers),
  pow: binary(floats),
  max: binary(numbers),
  min: binary(numbers),
  compare: (inputs, _, op) => ({ shape: alike(inputs, op).shape, dtype: "bool" }),
  where: (inputs, _, op) => {
    const [condition, ...choices] = inputs;
    const type = alike(choices, op);
    demand(sameShape(condition!.shape, type.shape), () => "where: the condition's shape differs", inputs);
    if (condition!.dtype !== "bool")
      throw dtypeError("where: the condition is not bool", inputs, "compare first, or cast to bool");
    return type;
  },
  bits: (inputs, { bits }, op) => {
    const type = alike(inputs, op);
    allow(bits === "shl" || bits === "shr" ? integers : [...integers, "bool"], inputs[0]!, `bits ${bits}`, inputs);
    return type;
  },
  cast: (inputs, { dtype }) => ({ shape: only(inputs).shape, dtype }),

  reshape: (inputs, { shape }) => {
    demand(
      sizeOf(only(inputs).shape) === sizeOf(shape),
      () => `reshape: ${sizeOf(only(inputs).shape)} elements do not fit ${printShape(shape)}`,
      inputs,
    );
    return { shape, dtype: only(inputs).dtype };
  },
  permute: (inputs, { order }) => {
    const { shape, dtype } = only(inputs);
    demand(
      order.length === shape.length && [...order].sort((a, b) => a - b).every((axis, i) => axis === i),
      () => `permute: [${order}] is no order of ${shape.length} axes`,
      inputs,
    );
    return { shape: order.map((axis) => shape[axis]!), dtype };
  },
  expand: (inputs, { shape }) => {
    const x = only(inputs);
    demand(
      x.shape.length === shape.length && shape.every((size, axis) => x.shape[axis] === size || x.shape[axis] === 1),
      () => `expand: ${printShape(x.shape)} does not expand to ${printShape(shape)}`,
      inputs,
    );
    return { shape, dtype: x.dtype };
  },
  slice: (inputs, { start, size, step }) => {
    const { shape, dtype } = only(inputs);
    demand(
      start.length === shape.length && size.length === shape.length && step.length === shape.length,
      () => "slice: one start, size and step an axis",
      inputs,
    );
    shape.forEach((length, axis) => {
      const first = start[axis]!;
      const last = first + (size[axis]! - 1) * step[axis]!;
      const inside = size[axis] === 0 || (first >= 0 && first < length && last >= 0 && last < length);
      demand(
        size[axis]! >= 0 && step[axis] !== 0 && inside,
        () => `slice: axis ${axis} of size ${length} has no elements ${first} to ${last}`,
        inputs,
      );
    });
    return { shape: size, dtype };
  },
  pad: (inputs, { low, high, between }) => {
    const { shape, dtype } = only(inputs);
    const sizes = shape.map(
      (size, axis) => (size === 0 ? 0 : span(size, between[axis]! + 1)) + low[axis]! + high[axis]!,
    );
    demand(
      low.length === shape.length && high.length === shape.length && sizes.every((size) => size >= 0),
      () => `pad: the result would be ${printShape(sizes)}`,
      inputs,
    );
    return { shape: sizes, dtype };
  },
  concat: (inputs, { axis }) => {
    const first = only(inputs);
    demand(
      validAxis(axis, first.shape.length),
      () => `concat: axis ${axis} is outside rank ${first.shape.length}`,
      inputs,
    );
    for (const { shape, dtype } of inputs) {
      demand(
        sameShape(without(shape, [axis]), without(first.shape, [axis])),
        () => `concat: shapes differ outside axis ${axis}`,
        inputs,
      );
      if (dtype !== first.dtype) throw dtypeError("concat: dtypes differ", inputs, "cast one of them");
    }
    const total = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return { shape: first.shape.map((size, index) => (index === axis ? total : size)), dtype: first.dtype };
  },
  windows: (inputs, { axes, size, stride, dilation }) => {
    const { shape, dtype } = only(inputs);
    const sizes = [...shape];
    axes.forEach((axis, i) => {
      demand(validAxis(axis, shape.length), () => `windows: axis ${axis} is outside rank ${shape.length}`, inputs);
      const count = Math.floor((shape[axis]! - span(size[i]!, dilation[i]!)) / stride[i]!) + 1;
      demand(
        count >= 1,
        () => `windows: a window of ${span(size[i]!, dilation[i]!)} does not fit axis ${axis} of size ${shape[axis]}`,
        inputs,
      );
      sizes[axis] = count;
    });
    return { shape: [...sizes, ...size], dtype };
  },
  fold: (inputs, { axes, size, stride, dilation, sizes }) => {
    const { shape, dtype } = only(inputs);
    const rank = shape.length - axes.length;
    const out = shape.slice(0, rank);
    axes.forEach((axis, i) => {
      const count = Math.floor((sizes[i]! - span(size[i]!, dilation[i]!)) / stride[i]!) + 1;
      demand(
        shape[axis] === count && shape[rank + i] === size[i],
        () => `fold: axis ${axis} has ${shape[axis]} windows of ${shape[rank + i]}, not ${count} of ${size[i]}`,
        inputs,
      );
      out[axis] = sizes[i]!;
    });
    return { shape: out, dtype };
  },

  reduce: (inputs, { reduce, axes }) => {
    const x = only(inputs);
    demand(
      axes.every((axis, i) => validAxis(axis, x.shape.length) && (i === 0 || axis > axes[i - 1]!)),
      () => `reduce: axes [${axes}] are not ascending axes of rank ${x.shape.length}`,
      inputs,
    );
    allow(reduce === "max" || reduce === "min" ? [...numbers, "bool"] : numbers, x, `reduce ${reduce}`, inputs);
    demand(
      reduce === "sum" || reduce === "prod" || axes.every((axis) => x.shape[axis] !== 0),
      () => `reduce ${reduce}: an empty axis has none`,
      inputs,
    );
    return { shape: without(x.shape, axes), dtype: x.dtype };
  },
  cumulative: (inputs, { axis }) => {
    const x = only(inputs);
    demand(validAxis(axis, x.shape.length), () => `cumulative: axis ${axis} is outside rank ${x.shape.length}`, inputs);
    allow(numbers, x, "cumulative", inputs);
    return typeOf(x);
  },

  contract: (inputs, { a, b, out }) => {
    const [x, y] = inputs as readonly [Node, Node];
    if (x.dtype !== y.dtype)
      throw dtypeError(`contract: dtypes differ, ${x.dtype} and ${y.dtype}`, inputs, "cast one of them");
    allow(numbers, x, "contract", inputs);
    demand(
      a.length === x.shape.length && b.length === y.shape.length,
      () => `contract: labels [${a}], [${b}] do not name the axes`,
      inputs,
    );
    const sizes = new Map<string, number>();
    for (const [labels, shape] of [
      [a, x.shape],
      [b, y.shape],
    ] as const) {
      demand(new Set(labels).size === labels.length, () => `contract: a label repeats in [${labels}]`, inputs);
      labels.forEach((label, axis) => {
        const known = sizes.get(label) ?? shape[axis]!;
        demand(known === shape[axis], () => `contract: axis "${label}" has sizes ${known} and ${shape[axis]}`, inputs);
        sizes.set(label, known);
      });
    }
    for (const label of [...a, ...b, ...out]) {
      const places = [a, b, out].filter((labels) => labels.includes(label)).length;
      demand(places >= 2, () => `contract: label "${label}" is in one operand only`, inputs);
    }
    demand(new Set(out).size === out.length, () => `contract: a label repeats in [${out}]`, inputs);
    return { shape: out.map((label) => sizes.get(label)!), dtype: x.dtype };
  },
  conv: (inputs, { stride, dilation, spread, pad }) => {
    const [x, w] = inputs as readonly [Node, Node];
    if (x.dtype !== w.dtype)
      throw dtypeError(`conv: dtypes differ, ${x.dtype} and ${w.dtype}`, inputs, "cast one of them");
    allow(numbers, x, "conv", inputs);
    const rank = stride.length;
    demand(
      x.shape.length === rank + 3 &&
        w.shape.length === rank + 3 &&
        dilation.length === rank &&
        spread.length === rank &&
        pad.length === rank,
      () => `conv: expected x [n, ...${rank} axes, groups, in] and w [...${rank} axes, groups, in, out]`,
      inputs,
    );
    demand(
      x.shape[rank + 1] === w.shape[rank],
      () => `conv: groups differ, ${x.shape[rank + 1]} and ${w.shape[rank]}`,
      inputs,
    );
    demand(
      x.shape[rank + 2] === w.shape[rank + 1],
      () => `conv: input channels differ, ${x.shape[rank + 2]} and ${w.shape[rank + 1]}`,
      inputs,
    );
    const sizes = stride.map((step, axis) => {
      const length =
        (x.shape[axis + 1] === 0 ? 0 : span(x.shape[axis + 1]!, spread[axis]!)) + pad[axis]![0] + pad[axis]![1];
      const size = Math.floor((length - span(w.shape[axis]!, dilation[axis]!)) / step) + 1;
      demand(
        size >= 1,
        () =>
          `conv: a window of ${span(w.shape[axis]!, dilation[axis]!)} does not fit the padded size ${length} of spatial axis ${axis}`,
        inputs,
      );
      return size;
    });
    return { shape: [x.shape[0]!, ...sizes, x.shape[rank + 1]!, w.shape[rank + 2]!], dtype: x.dtype };
  },

  gather: (inputs, { axis }) => {
    const [x, indices] = inputs as readonly [Node, Node];
    demand(validAxis(axis, x.shape.length), () => `gather: axis ${axis} is outside rank ${x.shape.length}`, inputs);
    if (indices.dtype !== "i32") throw dtypeError("gather: indices are not i32", inputs, "cast the indices to i32");
    return { shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], dtype: x.dtype };
  },
  scatter: (inputs, { axis }) => {
    const [x, indices, updates] = inputs as readonly [Node, Node, Node];
    demand(validAxis(axis, x.shape.length), () => `scatter: axis ${axis} is outside rank ${x.shape.length}`, inputs);
    if (indices.dtype !== "i32") throw dtypeError("scatter: indices are not i32", inputs, "cast the indices to i32");
    if (updates.dtype !== x.dtype) throw dtypeError("scatter: updates have another dtype", inputs, "cast the updates");
    const expected = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    demand(sameShape(updates.shape, expected), () => `scatter: updates must be ${printShape(expected)}`, inputs);
    return typeOf(x);
  },
  argsort: (inputs, { axis }) => {
    const x = only(inputs);
    demand(validAxis(axis, x.shape.length), () => `argsort: axis ${axis} is outside rank ${x.shape.length}`, inputs);
    return { shape: x.shape, dtype: "i32" };
  },
  measure: (inputs) => {
    const x = only(inputs);
    demand(x.shape.length > 0, () => "measure: a scalar has no last axis", inputs);
    if (x.dtype !== "f32") throw dtypeError("measure: the numbers are not f32", inputs, "cast them to f32");
    return { shape: [...x.shape.slice(0, -1), measureFields.length + measureBuckets], dtype: "f32" };
  },

  detach: identity,
  tap: identity,
  barrier: identity,
  custom: identity,
  scan: (inputs, { body, length, carries, sequences }) => {
    const steps = inputs.slice(carries, carries + sequences);
    demand(
      steps.every(({ shape }) => shape[0] === length),
      () => `scan: every sequence has ${length} steps along axis 0`,
      steps,
    );
    const given = inputs.map((node, index) =>
      index >= carries && index < carries + sequences ? { shape: node.shape.slice(1), dtype: node.dtype } : node,
    );
    checkBody(body, given, "scan");
    checkBody(
      { inputs: body.inputs.slice(0, carries), outputs: [] },
      body.outputs.slice(0, carries),
      "scan: next carries",
    );
    const first = body.outputs[0];
    if (first === undefined) throw new InternalError("scan: the body has no outputs");
    return carries > 0 ? typeOf(first) : { shape: [length, ...first.shape], dtype: first.dtype };
  },
  cond: (inputs, { then, else: otherwise }) => {
    const [predicate, ...operands] = inputs;
    if (predicate?.dtype !== "bool" || predicate.shape.length !== 0)
      throw dtypeError("cond: the predicate is not a bool scalar", inputs);
    checkBody(then, operands, "cond then");
    checkBody(otherwise, operands, "cond else");
    then.outputs.forEach((output, index) => {
      const other = otherwise.outputs[index];
      demand(
        other !== undefined && sameShape(output.shape, other.shape) && output.dtype === other.dtype,
        () => `cond: result ${index} differs between the branches`,
      );
    });
    const first = then.outputs[0];
    if (first === undefined) throw new InternalError("cond: the branches have no outputs");
    return typeOf(first);
  },
  pick: (inputs, { index }) => {
    const result = resultsOf(only(inputs))[index];
    if (result === undefined) throw new InternalError(`pick: there is no result ${index}`);
    return result;
  },
};
