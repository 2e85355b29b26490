import { ArgumentError } from "../base/errors.ts";
import type { AnyModel } from "./model.ts";
import { modelOf } from "./restore.ts";

/**
 * A model of the same layers, options and names, with weights of its own that are drawn anew; not compiled. Throws an ArgumentError
 * for a subclass of Model: what its `call` does is no data. (Keras: clone_model.)
 */
export function cloneModel<M extends AnyModel>(model: M): M {
  const description = model.describe();
  if (description !== undefined)
    return modelOf(structuredClone(description), model.name, `the copy of ${model.name}`) as unknown as M; // the same graph
  throw new ArgumentError({
    what: `cloneModel: ${model.name} is a ${model.typeName}, a class of your own`,
    hint: `make another one: new ${model.typeName}(…)`,
  });
}
