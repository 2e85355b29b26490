export { loadWeights } from "./assign.ts";
export type { ModelDescription } from "./describe.ts";
export { Functional, model } from "./functional.ts";
export { loadModel, modelFromBytes } from "./load.ts";
export { type EvaluateOptions, Model, type ModelOptions } from "./model.ts";
export { type PlotOptions, plotModel } from "./plot.ts";
export { modelToBytes, saveModel, saveWeights } from "./save.ts";
export { Sequential, sequential } from "./sequential.ts";
export { printBytes, type SummaryOptions, summarize } from "./summary.ts";
