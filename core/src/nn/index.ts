export type { Activation } from "./activation.ts";
export type * from "./activationLayers.ts";
export * from "./activations.ts";
export type * from "./adaptivePooling.ts";
export type * from "./attention/index.ts";
export type * from "./batchNormalization.ts";
export type * from "./borders.ts";
export type { Described } from "./catalogue.ts";
export { type Constraint, type ConstraintName, constraints } from "./constraints.ts";
export { type CallContext, contextNow, inContext } from "./context.ts";
export type * from "./conv.ts";
export type * from "./convTranspose.ts";
export type * from "./dense.ts";
export type * from "./depthwise.ts";
export { describeLayer, type LayerDescription } from "./describe.ts";
export type * from "./dot.ts";
export type * from "./dropMask.ts";
export type * from "./dropout.ts";
export type * from "./einsumDense.ts";
export type * from "./embedding.ts";
export * as fields from "./fieldKinds.ts";
export { type Field, type Fields, field, type GivenOf, shorten, type ValuesOf } from "./fields.ts";
export { FunctionCall } from "./functionCall.ts";
export { functionCatalog, type TensorFunction } from "./functions.ts";
export type * from "./globalPooling.ts";
export { heldBy } from "./held.ts";
export * from "./initializers.ts";
export { entry, InputLayer, type InputOptions, input } from "./input.ts";
export type * from "./lambda.ts";
export {
  type AnyCall,
  AnyLayer,
  type Config,
  type Inputs,
  Layer,
  type LayerClass,
  type LayerOptions,
  type Masking,
  type Outputs,
  type Variables,
} from "./layer.ts";
export { layerField, layersField } from "./layerField.ts";
export { type Edge, type Holder, type LayerGraph, layerGraph } from "./layerGraph.ts";
export * as layers from "./layers/index.ts";
export * from "./losses/index.ts";
export { Masked, masked, maskOf, valuesOf } from "./masked.ts";
export type * from "./masking.ts";
export type * from "./merging.ts";
export * from "./metrics/index.ts";
export { clearSession, takeName, uniqueName } from "./names.ts";
export type * from "./noise.ts";
export type * from "./normalization.ts";
export { Operation } from "./operation.ts";
export type * from "./pooling.ts";
export { arrayOf, isTexts, textsOf } from "./preprocessing/hostData.ts";
export { HostLayer } from "./preprocessing/hostLayer.ts";
export type * from "./preprocessing/index.ts";
export type * from "./recurrent/index.ts";
export { fromConfig, registerFunction, registerLayer } from "./registry.ts";
export { type Regularizer, type RegularizerName, regularizers } from "./regularizers.ts";
export type * from "./reshaping.ts";
export type * from "./reversibleEmbedding.ts";
export type { Chain, Entering, Fitting, Graph } from "./rules/chain.ts";
export type * as rules from "./rules/index.ts";
export type { Application, Apply, Gradual, Outcome, Rule, RuleOf, Shaped, ShapesOf, TensorsOf } from "./rules/rule.ts";
export type * from "./spectralNormalization.ts";
export * from "./structure.ts";
export {
  type InputDType,
  isSymbolic,
  type LayerCall,
  type OpenShape,
  printOpenShape,
  SymbolicTensor,
  type sizes,
} from "./symbolic.ts";
export { buildOn, callSymbolically } from "./symbolicCall.ts";
export type * from "./upSampling.ts";
