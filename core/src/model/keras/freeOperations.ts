import { type InputDType, isSymbolic } from "../../nn/index.ts";
import * as t from "../../tensor/index.ts";
import type { AnyFunction } from "../../tensor/recorded.ts";
import { type Json, own } from "./json.ts";
import { typeOf, writtenTypes } from "./types.ts";

// Operations of several tensors, and others that are no methods here: ops.concatenate([x, y], axis=-1). Both sides are one function,
// which takes the tensors first and then what Keras keeps in the operation's config.

interface Row {
  readonly call: AnyFunction;
  /** How many arguments come before the options: 1 for a list of tensors, too. */
  readonly operands?: number;
  /** Keras's names of the arguments after the tensors, in our order. */
  readonly options?: readonly string[];
  readonly module?: string;
}

const free = {
  Concatenate: { call: t.concatenate, options: ["axis"] },
  Stack: { call: t.stack, options: ["axis"] },
  Where: { call: t.where, operands: 3 },
  ZerosLike: { call: t.zerosLike },
  OnesLike: { call: t.onesLike },
  Cast: { call: t.cast, options: ["dtype"], module: "core" },
  Flip: { call: t.flip, options: ["axis"] },
  Roll: { call: t.roll, options: ["shift", "axis"] },
  Tile: { call: t.tile, options: ["repeats"] },
  Repeat: { call: t.repeat, options: ["repeats", "axis"] },
  Take: { call: t.take, operands: 2, options: ["axis"] },
  TakeAlongAxis: { call: t.takeAlongAxis, operands: 2, options: ["axis"] },
  Swapaxes: { call: t.swapAxes, options: ["axis1", "axis2"] },
  Moveaxis: { call: t.moveAxis, options: ["source", "destination"] },
  Dot: { call: t.dot, operands: 2 },
  Tensordot: { call: t.tensordot, operands: 2, options: ["axes"] },
  Cumsum: { call: t.cumsum, options: ["axis"] },
  Cumprod: { call: t.cumprod, options: ["axis"] },
  Sort: { call: t.sort, options: ["axis"] },
  Elu: { call: t.elu, options: ["alpha"], module: "nn" },
  Celu: { call: t.celu, options: ["alpha"], module: "nn" },
  Selu: { call: t.selu, module: "nn" },
  LeakyRelu: { call: t.leakyRelu, options: ["negative_slope"], module: "nn" },
  Relu6: { call: t.relu6, module: "nn" },
  Softsign: { call: t.softsign, module: "nn" },
  LogSigmoid: { call: t.logSigmoid, module: "nn" },
  HardSigmoid: { call: t.hardSigmoid, module: "nn" },
  HardSilu: { call: t.hardSilu, module: "nn" },
  Glu: { call: t.glu, options: ["axis"], module: "nn" },
} satisfies { readonly [className: string]: Row };
const rows: { readonly [className: string]: Row } = free;

/** Where Keras's classes are; those that are not named are in keras.src.ops.numpy. */
export const freeModules: { readonly [className: string]: string } = Object.fromEntries(
  Object.entries(rows).flatMap(([name, { module }]) => (module === undefined ? [] : [[name, module]])),
);

/** What the operation gives; undefined where there is no such function. */
export function callFree(className: string, config: Json, args: readonly unknown[]): unknown {
  const type = own(config, "dtype");
  const typed = (made: unknown): unknown => (typeof type === "string" ? applied(t.cast, [made, typeOf(type)]) : made);
  // What is converted is a tensor already: Keras's layers say so of their masks.
  if (className === "ConvertToTensor" && isSymbolic(args[0])) return typed(args[0]);
  if (className === "Einsum") return applied(t.einsum, [own(config, "subscripts"), ...args]);
  if (!Object.hasOwn(rows, className)) return undefined;
  const { call, operands = 1, options = [] } = rows[className]!;
  const given = options.map((name) => (name === "dtype" ? typeOf(type) : (own(config, name) ?? undefined)));
  const made = applied(call, [...args.slice(0, operands), ...given]);
  return options.includes("dtype") ? made : typed(made);
}

/** They look at what they are given. */
const applied = (call: AnyFunction, given: readonly unknown[]): unknown =>
  (call as (...given: readonly unknown[]) => unknown)(...given);

/** Keras's class, config and tensors for a call; undefined where it has no such operation. */
export function writeFree(
  call: AnyFunction,
  given: readonly unknown[],
): { readonly className: string; readonly config: Json; readonly args: readonly unknown[] } | undefined {
  if (call === (t.einsum as AnyFunction))
    return { className: "Einsum", config: { subscripts: given[0] }, args: given.slice(1) };
  const found = Object.entries(rows).find(([, row]) => row.call === call);
  if (found === undefined) return undefined;
  const [className, { operands = 1, options = [] }] = found;
  if (given.length > operands + options.length) return undefined; // options that Keras's class does not have
  const config = options.map((name, at) => {
    const value = given[operands + at] ?? defaults[`${className}.${name}`] ?? null;
    return [name, name === "dtype" ? writtenTypes[value as InputDType] : value];
  });
  return { className, config: Object.fromEntries(config), args: given.slice(0, operands) };
}

/** Ours, where an argument that is left out is not null in Keras. */
const defaults: { readonly [option: string]: number } = {
  "Concatenate.axis": 0,
  "Stack.axis": 0,
  "TakeAlongAxis.axis": -1,
  "Tensordot.axes": 2,
  "Sort.axis": -1,
  "Elu.alpha": 1,
  "Celu.alpha": 1,
  "LeakyRelu.negative_slope": 0.2,
  "Glu.axis": -1,
};
