// `chainrule/keras`: what reads and writes the files of Keras. Node has it of itself, pages pass it as an option.
export { loadKeras } from "./load.ts";
export { modelToKeras, modelToLegacy, weightsToHdf5, weightsToLegacy } from "./save.ts";
export { loadShards, saveKerasShards } from "./shards.ts";
export { loadStored } from "./stored.ts";
