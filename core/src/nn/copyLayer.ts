import { ArgumentError } from "../base/errors.ts";
import type { AnyLayer, LayerClass } from "./layer.ts";

/** A layer of the same class and options, with some of them changed, and with weights of its own. */
export function copyLayer<L extends AnyLayer>(layer: L, changes: { readonly [option: string]: unknown }): L {
  const Class = layer.constructor as unknown as LayerClass & (new (...given: never[]) => L); // made by its own class
  if (Class.fields === undefined) {
    throw new ArgumentError({
      what: `${layer.name}: a ${Class.name} cannot be copied, because its class does not say its options`,
      hint: "give the class static fields",
    });
  }
  const options: Record<string, unknown> = { ...layer.options, trainable: layer.trainable, ...changes };
  const { positional = [] } = Class;
  const leading = positional.map((name) => options[name]);
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !positional.includes(name)));
  return new Class(...([...leading, rest] as never[])); // the class's own options, checked again
}
