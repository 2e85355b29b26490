export { modelToKeras, weightsToHdf5 } from "./kerasFile.ts";
export { modelToLegacy, weightsToLegacy } from "./legacyFile.ts";
