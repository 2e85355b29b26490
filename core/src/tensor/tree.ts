import { ArgumentError } from "../base/errors.ts";
import { hostLeaf } from "../engine/index.ts";
import { isTypedArray, pack } from "./data.ts";
import { Tensor } from "./tensor.ts";
import { Variable } from "./variable.ts";

/** Tensors in arrays and plain objects, in any nesting, among other values. */
export type Tree = unknown;

/** The leaves of a tree, and how to build one like it from other leaves. */
export interface Flat {
  readonly tensors: readonly Tensor[];
  /** Everything but the tensors' values: structure, keys, static values, one entry a place. */
  readonly places: readonly Place[];
  rebuild(tensors: readonly Tensor[]): Tree;
}

/** One place of a tree, as `retrace` reasons show it. */
export interface Place {
  /** "argument 0.images[2]" */
  readonly path: string;
  /** "f32 [32, 784]", "static 3", "array of 2" */
  readonly text: string;
}

export interface FlattenOptions {
  /** What JavaScript numbers are: part of the structure, or scalar tensors. */
  readonly numbers?: "static" | "traced";
}

/** Identities of values that are compared by identity: functions, instances, variables. */
const identities = new WeakMap<object, number>();
let nextIdentity = 1;

function identityOf(value: object): number {
  const known = identities.get(value) ?? nextIdentity++;
  identities.set(value, known);
  return known;
}

/** Takes a tree apart. Variables are static: they are state, and whoever reads them gets the present value. */
export function flatten(tree: Tree, path: string, { numbers = "static" }: FlattenOptions = {}): Flat {
  const tensors: Tensor[] = [];
  const places: Place[] = [];

  const visit = (value: Tree, at: string): ((tensors: readonly Tensor[]) => Tree) => {
    const note = (text: string): void => void places.push({ path: at, text });
    const given = numbers === "traced" && typeof value === "number" ? new Tensor(constantLeaf(value)) : value;
    if (given instanceof Tensor && !(given instanceof Variable)) {
      const index = tensors.push(given) - 1;
      note(`${given.dtype} [${given.shape.join(", ")}]`);
      return (made) => made[index];
    }
    if (Array.isArray(given)) {
      note(`array of ${given.length}`);
      const elements = given.map((element, index) => visit(element, `${at}[${index}]`));
      return (made) => elements.map((element) => element(made));
    }
    if (isTypedArray(given)) {
      throw new ArgumentError({
        what: `${at} is a ${given.constructor.name}, whose values would be part of the compiled program`,
        hint: "wrap it: tensor(values, { shape })",
      });
    }
    if (isPlainObject(given)) {
      const keys = Object.keys(given).sort();
      note(`object { ${keys.join(", ")} }`);
      const entries = keys.map((key) => [key, visit(given[key], `${at}.${key}`)] as const);
      return (made) => Object.fromEntries(entries.map(([key, element]) => [key, element(made)]));
    }
    note(staticText(given));
    return () => given;
  };

  const rebuild = visit(tree, path);
  return { tensors, places, rebuild };
}

/** A number as an f32 scalar whose value is an input of the program. */
const constantLeaf = (value: number) => hostLeaf(pack([value], "f32"), [], "f32", "number");

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function staticText(value: unknown): string {
  if (typeof value === "function" || (typeof value === "object" && value !== null)) {
    const name = typeof value === "function" ? value.name || "function" : value.constructor.name;
    return `${name} #${identityOf(value)}`;
  }
  return typeof value === "string" ? JSON.stringify(value) : Object.is(value, -0) ? "-0" : String(value);
}
