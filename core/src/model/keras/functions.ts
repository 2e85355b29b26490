import { DataError } from "../../base/errors.ts";
import { isRecord, type Json, own, word } from "./json.ts";
import { camelCase, classOfName, nameOfClass, underscored, withoutPackage } from "./names.ts";

// Initializers, regularizers, constraints and activations: Keras writes a class and its config, or the name of a function;
// our files write a name and the arguments of its maker (nn/named.ts).

type Named = string | { readonly name: string; readonly arguments: readonly unknown[] };
export type FunctionKind = "initializer" | "regularizer" | "constraint" | "activation";

/** Which kind of function an option takes, by its name. */
export const kindOf = (option: string): FunctionKind | undefined => {
  const found = /(initializer|regularizer|constraint|activation)$/i.exec(option)?.[1];
  return found?.toLowerCase() as FunctionKind | undefined; // one of the words of the pattern
};

const modules: { readonly [K in FunctionKind]: string } = {
  initializer: "keras.initializers",
  regularizer: "keras.regularizers",
  constraint: "keras.constraints",
  activation: "keras.activations",
};

/** Words of options that Keras writes in another way: `mode: "fan_in"`. */
const wordsOf = { untruncated_normal: "normal", normal: "truncatedNormal" } as const;
/** Options that say nothing: they are set where they are null. */
const empty = (key: string, value: unknown): boolean =>
  value === null || key === "name" || key === "input_axes" || key === "output_axes";

/** Makers that take numbers by position, in order; the others take a record of options. */
const positional: { readonly [name: string]: readonly string[] } = { constant: ["value"], l1: ["l1"], l2: ["l2"] };
/** Keras has two names for some classes. */
const aliases: { readonly [name: string]: string } = {
  orthogonalInitializer: "orthogonal",
  orthogonalRegularizer: "orthogonal",
  identityInitializer: "identity",
  nonNegative: "nonNeg",
};

/** Our description of what Keras describes; undefined for null. */
export function readFunction(kind: FunctionKind, json: unknown, where: string): Named | undefined {
  if (json === null || json === undefined) return undefined;
  if (typeof json === "string") return ourName(kind, json);
  if (!isRecord(json)) throw new DataError(`${where} is no ${kind}`);
  demandData(json, where);
  const className = word(own(json, "class_name"), where);
  const config = own(json, "config");
  if (className === "function") return ourName(kind, withoutPackage(word(config, where)));
  const registered = own(json, "registered_name");
  const name =
    typeof registered === "string" && registered.includes(">")
      ? withoutPackage(registered)
      : (aliases[nameOfClass(className)] ?? nameOfClass(className));
  const options = Object.entries(isRecord(config) ? config : {}).filter(([key, value]) => !empty(key, value));
  if (options.length === 0) return name;
  const given = new Map(options.map(([key, value]) => [camelCase(key), readOption(name, value)]));
  const order = positional[name];
  const args = order === undefined ? [Object.fromEntries(given)] : order.map((key) => given.get(key));
  return { name, arguments: args };
}

const readOption = (name: string, value: unknown): unknown => {
  // Arrays, as a constant may hold them.
  if (isRecord(value) && ["__numpy__", "__tensor__"].includes(String(own(value, "class_name")))) {
    const config = own(value, "config");
    return isRecord(config) ? own(config, "value") : value;
  }
  if (typeof value !== "string") return value;
  if (name === "varianceScaling" && Object.hasOwn(wordsOf, value)) return wordsOf[value as keyof typeof wordsOf]; // just checked
  return camelCase(value);
};

const ourName = (kind: FunctionKind, name: string): string =>
  kind === "activation" || /^[a-z]/.test(name) ? camelCase(withoutPackage(name)) : nameOfClass(name);

/** Keras can hold Python code, as bytes; it is never run, nor looked at. */
export function demandData(json: Json, where: string): void {
  if (own(json, "class_name") !== "__lambda__" && own(json, "function_type") !== "lambda") return;
  throw new DataError({
    what: `${where} is Python code (a lambda), which is never run`,
    hint: 'in Python, use a named function; here, register one of that name: registerFunction("function", "mine", mine)',
  });
}

/** What Keras writes for our description; null for none. */
export function writeFunction(kind: FunctionKind, named: unknown): unknown {
  if (named === null || named === undefined) return null;
  const { name, arguments: given } =
    typeof named === "string" ? { name: named, arguments: [] } : (named as Exclude<Named, string>); // what `describe` gave
  if (kind === "activation") return underscored(name);
  const order = positional[name];
  const options = order === undefined ? (given[0] ?? {}) : Object.fromEntries(order.map((key, at) => [key, given[at]]));
  const config = Object.entries(options as object)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [underscored(key), writeOption(name, value)]);
  return {
    module: modules[kind],
    class_name: kind === "regularizer" && name === "orthogonal" ? "OrthogonalRegularizer" : classOfName(name),
    config: Object.fromEntries(config),
    registered_name: null,
  };
}

const writeOption = (name: string, value: unknown): unknown => {
  if (typeof value !== "string") return value;
  return name === "varianceScaling" && value === "normal" ? "untruncated_normal" : underscored(value);
};
