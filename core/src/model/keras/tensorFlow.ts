import { DataError } from "../../base/errors.ts";
import { type Json, own, word } from "./json.ts";
import { callOperation } from "./operations.ts";

// Functions of TensorFlow in graphs of Keras 2 (x * 2, tf.reduce_mean(x, 1)): layers of the class TFOpLambda, which name the
// function; its first argument is the call's tensor, the others stand beside it by name.

/** Functions whose other arguments are tensors or numbers, and Keras 3's classes of the same. */
const plain: { readonly [name: string]: string } = {
  "math.add": "Add",
  "__operators__.add": "Add",
  "math.subtract": "Subtract",
  "math.multiply": "Multiply",
  "math.divide": "TrueDivide",
  "math.truediv": "TrueDivide",
  "math.pow": "Power",
  "math.maximum": "Maximum",
  "math.minimum": "Minimum",
  "math.negative": "Negative",
  "math.abs": "Abs",
  "math.exp": "Exp",
  "math.log": "Log",
  "math.sqrt": "Sqrt",
  "math.rsqrt": "Rsqrt",
  "math.square": "Square",
  "math.sin": "Sin",
  "math.cos": "Cos",
  "math.tanh": "Tanh",
  "math.sigmoid": "Sigmoid",
  "math.softplus": "Softplus",
  "nn.relu": "Relu",
  "nn.silu": "Silu",
  "linalg.matmul": "Matmul",
  stop_gradient: "StopGradient",
};

/** Functions with options, Keras 3's class, and its names of TensorFlow's options. */
const withOptions: { readonly [name: string]: readonly [string, { readonly [tensorFlow: string]: string }] } = {
  "math.reduce_sum": ["Sum", { axis: "axis", keepdims: "keepdims" }],
  "math.reduce_mean": ["Mean", { axis: "axis", keepdims: "keepdims" }],
  "math.reduce_max": ["Max", { axis: "axis", keepdims: "keepdims" }],
  "math.reduce_min": ["Min", { axis: "axis", keepdims: "keepdims" }],
  "nn.softmax": ["Softmax", { axis: "axis" }],
  reshape: ["Reshape", { shape: "newshape" }],
  transpose: ["Transpose", { perm: "axes" }],
  expand_dims: ["ExpandDims", { axis: "axis" }],
  squeeze: ["Squeeze", { axis: "axis" }],
  clip_by_value: ["Clip", { clip_value_min: "x_min", clip_value_max: "x_max" }],
};

/** What the function gives for arguments in which references have become symbolic tensors. */
export function callTensorFlow(config: Json, args: readonly unknown[], { name: _, ...kwargs }: Json): unknown {
  const name = word(own(config, "function"), "a function of TensorFlow");
  if (Object.hasOwn(plain, name)) return callOperation(plain[name]!, {}, args, kwargs);
  const [className, options] = Object.hasOwn(withOptions, name) ? withOptions[name]! : [];
  const given = Object.entries(kwargs).filter(([, value]) => value !== null);
  if (className === undefined || !given.every(([key]) => Object.hasOwn(options!, key)))
    throw new DataError({
      what: `the function tf.${name.slice(0, 80)} in the graph has no counterpart here${className === undefined ? "" : " with its options"}`,
      hint: "in Python, put it into a layer of your own, and register one of that name here",
    });
  return callOperation(className, Object.fromEntries(given.map(([key, value]) => [options![key]!, value])), args, {});
}
