import { ArgumentError, suggest } from "../base/errors.ts";
import { activationCatalog } from "./activations.ts";
import { classNames } from "./classNames.ts";
import { constraintCatalog } from "./constraints.ts";
import { type MakeLayer, readFields } from "./fields.ts";
import { functionCatalog } from "./functions.ts";
import { initializerCatalog } from "./initializers.ts";
import { type Config, commonFields, type Layer, type LayerClass, type LayerOptions } from "./layer.ts";
import { splitCatalog, standardizeCatalog } from "./preprocessing/textSteps.ts";
import { regularizerCatalog } from "./regularizers.ts";

/** How a layer of the user's own class is made again from what its `config()` returned. */
export type MakeOwn = (config: Config, options: LayerOptions) => Layer;
/** A class whose layers take their positional fields, then the options. */
export type MakeableClass = LayerClass & (new (...given: never[]) => Layer);

const registered = new Map<string, MakeOwn>();
/** How layers of the user's own classes are made, by name. */
export const registeredLayers: ReadonlyMap<string, MakeOwn> = registered;

/**
 * Lets `loadModel` make layers of your own class: files name classes, and only registered names are made. A class with
 * static `fields` says all that is needed; for another, say how it is made from its config.
 */
export function registerLayer(own: MakeableClass): void;
export function registerLayer(type: string, make: MakeOwn): void;
export function registerLayer(given: string | MakeableClass, make?: MakeOwn): void {
  const type = typeof given === "string" ? given : given.name;
  if (Object.hasOwn(classNames, type)) throw new ArgumentError(`registerLayer: "${type}" is a layer of the library`);
  if (make !== undefined) registered.set(type, make);
  else if (typeof given === "function" && given.fields !== undefined)
    registered.set(type, (config, options) => fromConfig(given, config, options));
  else {
    throw new ArgumentError({
      what: `registerLayer: ${type} has no static fields, so its layers cannot be made from their config`,
      hint: `say how: registerLayer("${type}", (config, options) => new ${type}(…))`,
    });
  }
}

const catalogs = {
  activation: activationCatalog,
  initializer: initializerCatalog,
  regularizer: regularizerCatalog,
  constraint: constraintCatalog,
  function: functionCatalog,
  standardize: standardizeCatalog,
  split: splitCatalog,
} as const;

/** Lets files name a function of your own: an activation, an initializer, …; `function` is what Lambda layers take. */
export function registerFunction<K extends keyof typeof catalogs>(
  kind: K,
  name: string,
  own: Parameters<(typeof catalogs)[K]["register"]>[1],
): void {
  if (!Object.hasOwn(catalogs, kind)) {
    throw new ArgumentError({
      what: `registerFunction: unknown kind "${kind}"`,
      hint: suggest(kind, Object.keys(catalogs)),
    });
  }
  // The type of `own` is the one of this catalog.
  (catalogs[kind] as { register(name: string, own: unknown): void }).register(name, own);
}

/** A layer of a class that says its options, made from what `config()` gave. */
export function fromConfig(
  Class: MakeableClass,
  config: Config,
  options: LayerOptions = {},
  make: MakeLayer = refuseLayers,
): Layer {
  const { fields = {}, positional = [] } = Class;
  const given = readFields(options.name ?? Class.name, { ...commonFields, ...fields }, config, make);
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !positional.includes(name)));
  const leading = positional.map((name) => given[name]);
  // The fields say what the constructor takes, and `readFields` has checked it.
  return new Class(...([...leading, { ...rest, ...options }] as never[]));
}

const refuseLayers: MakeLayer = () => {
  throw new ArgumentError("fromConfig: a layer inside needs the function that makes layers");
};
