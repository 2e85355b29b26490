import { ArgumentError } from "../base/errors.ts";
import type { KerasFiles } from "./kerasFiles.ts";

// What the package calls #keras in pages. Every model has methods for files, and those of Keras would bring a reader of HDF5
// and all layers into each page.

const absent = (method: string) => (): never => {
  throw new ArgumentError({
    what: `${method}: files of Keras are no part of a page that does not ask for them`,
    hint: 'pass the module "chainrule/keras", which reads and writes them, as the option keras',
  });
};

export const loadKeras: KerasFiles["loadKeras"] = absent("loadModel");
export const loadStored: KerasFiles["loadStored"] = absent("loadWeights");
export const modelToKeras: KerasFiles["modelToKeras"] = absent("modelToFormat");
export const modelToLegacy: KerasFiles["modelToLegacy"] = modelToKeras;
export const loadShards: KerasFiles["loadShards"] = absent("loadWeights");
export const saveKerasShards: KerasFiles["saveKerasShards"] = absent("saveWeights");
export const weightsToHdf5: KerasFiles["weightsToHdf5"] = absent("saveWeights");
export const weightsToLegacy: KerasFiles["weightsToLegacy"] = weightsToHdf5;
