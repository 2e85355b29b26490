export type { LayerDescription, ModelDescription } from "./describe.ts";
export { Functional, model } from "./functional.ts";
export { type EvaluateOptions, Model, type ModelOptions } from "./model.ts";
export { loadModel, loadWeights, modelFromBytes, modelToBytes, saveModel, saveWeights } from "./save.ts";
export { Sequential, sequential } from "./sequential.ts";
export { printBytes, type SummaryOptions, summarize } from "./summary.ts";
export { registerLayer } from "./table.ts";
