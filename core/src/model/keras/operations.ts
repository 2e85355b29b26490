import { DataError } from "../../base/errors.ts";
import { isSymbolic, shorten } from "../../nn/index.ts";
import { callFree, freeModules } from "./freeOperations.ts";
import { isRecord, type Json, own } from "./json.ts";

// Operations on symbolic tensors: x + 1, ops.mean(x, axis=1), x[:, 0]. Keras records them as operations beside the layers; here they
// are layers whose class is Operation.

/** Keras's classes of one tensor, and the methods of tensors that do the same. */
const unary = {
  Negative: "neg",
  Absolute: "abs",
  Abs: "abs",
  Sign: "sign",
  Exp: "exp",
  Expm1: "expm1",
  Log: "log",
  Log1p: "log1p",
  Log2: "log2",
  Log10: "log10",
  Sqrt: "sqrt",
  Rsqrt: "rsqrt",
  Square: "square",
  Reciprocal: "reciprocal",
  Sin: "sin",
  Cos: "cos",
  Tan: "tan",
  Arcsin: "asin",
  Arccos: "acos",
  Arctan: "atan",
  Sinh: "sinh",
  Cosh: "cosh",
  Tanh: "tanh",
  Erf: "erf",
  Floor: "floor",
  Ceil: "ceil",
  Round: "round",
  Trunc: "trunc",
  StopGradient: "stopGradient",
  Relu: "relu",
  Sigmoid: "sigmoid",
  Silu: "silu",
  Softplus: "softplus",
  LogicalNot: "logicalNot",
  Isnan: "isNaN",
  Isfinite: "isFinite",
  Ravel: "ravel",
} as const;

const binary = {
  Add: "add",
  Subtract: "sub",
  Multiply: "mul",
  Divide: "div",
  TrueDivide: "div",
  FloorDivide: "floorDivide",
  Mod: "mod",
  Power: "pow",
  Maximum: "maximum",
  Minimum: "minimum",
  DivideNoNan: "divideNoNaN",
  Equal: "equal",
  NotEqual: "notEqual",
  Less: "less",
  LessEqual: "lessEqual",
  Greater: "greater",
  GreaterEqual: "greaterEqual",
  LogicalAnd: "logicalAnd",
  LogicalOr: "logicalOr",
  LogicalXor: "logicalXor",
  Matmul: "matmul",
} as const;

const reductions = {
  Sum: "sum",
  Mean: "mean",
  Prod: "prod",
  Max: "max",
  Min: "min",
  Logsumexp: "logSumExp",
  Any: "any",
  All: "all",
  Var: "variance",
  Std: "std",
} as const;

/** What is on the other side of a commutative operation does not matter. */
const commutative: readonly string[] = [
  "Add",
  "Multiply",
  "Maximum",
  "Minimum",
  "Equal",
  "NotEqual",
  "LogicalAnd",
  "LogicalOr",
];

/** Where Keras's classes are; the rest is in keras.src.ops.numpy. */
const modules: { readonly [className: string]: string } = {
  ...Object.fromEntries(
    ["Relu", "Sigmoid", "Silu", "Softplus", "Softmax", "LogSoftmax", "Gelu"].map((name) => [name, "nn"]),
  ),
  ...Object.fromEntries(["Rsqrt", "Erf", "Logsumexp"].map((name) => [name, "math"])),
  StopGradient: "core",
  ...freeModules,
};
export const moduleOf = (className: string): string => `keras.src.ops.${modules[className] ?? "numpy"}`;

type Call = { readonly [method: string]: (...given: unknown[]) => unknown };
const has = <T extends object>(table: T, name: string): name is string & keyof T => Object.hasOwn(table, name);

/** What the operation gives for arguments in which references have become symbolic tensors. */
export function callOperation(className: string, config: Json, given: readonly unknown[], kwargs: Json): unknown {
  const args = [...given, ...Object.values(kwargs).filter((value) => value !== null)];
  const [x, y] = args;
  const on = (target: unknown): Call => {
    if (isSymbolic(target)) return target as unknown as Call; // its methods are those of the tables
    throw new DataError(`the operation ${className} is called on ${shorten(target)}, not on a tensor`);
  };
  if (has(unary, className)) return on(x)[unary[className]]!();
  if (has(binary, className)) return callBinary(className, x, y, on);
  const axis = own(config, "axis") ?? undefined;
  const keepDims = own(config, "keepdims") === true;
  if (has(reductions, className)) return on(x)[reductions[className]]!(axis, { keepDims });
  switch (className) {
    case "Argmax":
    case "Argmin":
      return on(x)[className.toLowerCase()]!(axis, { keepDims });
    case "Softmax":
      return on(x)["softmax"]!(axis);
    case "LogSoftmax":
      return on(x)["logSoftmax"]!(axis);
    case "Gelu":
      return on(x)["gelu"]!({ approximate: own(config, "approximate") === true });
    case "Reshape":
      return on(x)["reshape"]!(openBatch(own(config, "newshape")));
    case "Transpose":
      return on(x)["transpose"]!(own(config, "axes") ?? undefined);
    case "ExpandDims":
      return on(x)["expandDims"]!(axis);
    case "Squeeze":
      return on(x)["squeeze"]!(axis);
    case "Clip":
      return on(x)["clip"]!(own(config, "x_min") ?? args[1], own(config, "x_max") ?? args[2]);
    case "GetItem":
      return on(x)["slice"]!(sliceOf(y));
    default: {
      const made = callFree(className, config, args);
      if (made !== undefined) return made;
      throw new DataError({
        what: `the operation ${className} on tensors of the graph has no counterpart here`,
        hint: "in Python, put it into a layer of your own, and register one of that name here",
      });
    }
  }
}

function callBinary(className: keyof typeof binary, x: unknown, y: unknown, on: (target: unknown) => Call): unknown {
  const method = binary[className];
  if (isSymbolic(x)) return on(x)[method]!(y);
  if (commutative.includes(className)) return on(y)[method]!(x);
  if (className === "Subtract") return on(on(y)["neg"]!())["add"]!(x);
  if (className === "Divide" || className === "TrueDivide") return on(on(y)["reciprocal"]!())["mul"]!(x);
  throw new DataError(`the operation ${className} of a number and a tensor, in this order, has no counterpart here`);
}

/** Keras writes null or −1 for the batch. */
const openBatch = (shape: unknown): unknown => (Array.isArray(shape) ? shape.map((size) => size ?? -1) : shape);

/** `x[:, 0, 2:]`, as our slices are written. */
function sliceOf(key: unknown): unknown[] {
  return (Array.isArray(key) ? key : [key]).map((part: unknown) => {
    if (typeof part === "number") return part;
    const config = isRecord(part) && own(part, "class_name") === "__slice__" ? own(part, "config") : undefined;
    if (!isRecord(config)) throw new DataError(`indexing with ${shorten(part)} has no counterpart here`);
    const bounds = ["start", "stop", "step"].map((name) => [name, own(config, name)] as const);
    return Object.fromEntries(bounds.filter(([, value]) => value !== null));
  });
}

/** An operation as Keras describes it: the class, its config, and its arguments around the tensors. */
export interface WrittenOperation {
  readonly className: string;
  readonly config: Json;
  readonly args: readonly unknown[];
}

const classOf = (table: object, method: string): string | undefined =>
  Object.entries(table).find(([, name]) => name === method)?.[0];

/** What Keras calls the method, applied to `x`; undefined where it has no such operation. */
export function writeOperation(method: string, x: unknown, given: readonly unknown[]): WrittenOperation | undefined {
  const plain = classOf(unary, method);
  if (plain !== undefined) return { className: plain, config: {}, args: [x] };
  const both = classOf(binary, method);
  if (both !== undefined) return { className: both, config: {}, args: [x, given[0]] };
  const options = isRecord(given[1]) ? given[1] : {};
  const reduced = { axis: given[0] ?? null, keepdims: options["keepDims"] === true };
  const reduction = classOf(reductions, method);
  if (reduction !== undefined) return { className: reduction, config: reduced, args: [x] };
  switch (method) {
    case "argmax":
    case "argmin":
      return { className: method === "argmax" ? "Argmax" : "Argmin", config: reduced, args: [x] };
    case "softmax":
    case "logSoftmax":
      return {
        className: method === "softmax" ? "Softmax" : "LogSoftmax",
        config: { axis: given[0] ?? -1 },
        args: [x],
      };
    case "gelu": {
      const { approximate = false } = (given[0] ?? {}) as { readonly approximate?: boolean }; // the method's only option
      return { className: "Gelu", config: { approximate }, args: [x] };
    }
    case "reshape":
      return { className: "Reshape", config: { newshape: given[0] }, args: [x] };
    case "transpose":
      return { className: "Transpose", config: { axes: given[0] ?? null }, args: [x] };
    case "expandDims":
      return { className: "ExpandDims", config: { axis: given[0] }, args: [x] };
    case "squeeze":
      return { className: "Squeeze", config: { axis: given[0] ?? null }, args: [x] };
    case "clip":
      return { className: "Clip", config: { x_min: given[0], x_max: given[1] }, args: [x] };
    case "slice":
      return { className: "GetItem", config: {}, args: [x, (given[0] as readonly unknown[]).map(writeSlice)] };
    default:
      return undefined;
  }
}

const writeSlice = (part: unknown): unknown => {
  if (!isRecord(part)) return part;
  const { start = null, stop = null, step = null } = part as { readonly [name: string]: number | null };
  return { class_name: "__slice__", config: { start, stop, step } };
};
