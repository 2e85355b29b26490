export { Activation } from "./activation.ts";
export * from "./activationLayers.ts";
export * from "./activations.ts";
export * from "./adaptivePooling.ts";
export * from "./attention/index.ts";
export * from "./batchNormalization.ts";
export * from "./borders.ts";
export type { Described } from "./catalogue.ts";
export { classes } from "./classes.ts";
export { type Constraint, type ConstraintName, constraints } from "./constraints.ts";
export { type CallContext, contextNow, inContext } from "./context.ts";
export * from "./conv.ts";
export * from "./convTranspose.ts";
export * from "./dense.ts";
export * from "./depthwise.ts";
export { describeLayer, type LayerDescription } from "./describe.ts";
export * from "./dot.ts";
export * from "./dropMask.ts";
export * from "./dropout.ts";
export * from "./einsumDense.ts";
export * from "./embedding.ts";
export * as fields from "./fieldKinds.ts";
export { type Field, type Fields, field, type GivenOf, shorten, type ValuesOf } from "./fields.ts";
export { FunctionCall } from "./functionCall.ts";
export { functionCatalog, type TensorFunction } from "./functions.ts";
export * from "./globalPooling.ts";
export { heldBy } from "./held.ts";
export * from "./initializers.ts";
export { entry, InputLayer, type InputOptions, input } from "./input.ts";
export * from "./lambda.ts";
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
export * as layers from "./layers/index.ts";
export * from "./losses/index.ts";
export { Masked, masked, maskOf, valuesOf } from "./masked.ts";
export * from "./masking.ts";
export * from "./merging.ts";
export * from "./metrics/index.ts";
export { clearSession, uniqueName } from "./names.ts";
export * from "./noise.ts";
export * from "./normalization.ts";
export { Operation } from "./operation.ts";
export * from "./pooling.ts";
export * from "./preprocessing/index.ts";
export * from "./recurrent/index.ts";
export { fromConfig, makeLayer, registerFunction, registerLayer } from "./registry.ts";
export { type Regularizer, type RegularizerName, regularizers } from "./regularizers.ts";
export * from "./reshaping.ts";
export * from "./reversibleEmbedding.ts";
export type { Chain, Fits, Graph } from "./rules/chain.ts";
export type * as rules from "./rules/index.ts";
export type { Application, Apply, Gradual, Rule, RuleOf, Shaped, ShapesOf, TensorsOf } from "./rules/rule.ts";
export * from "./spectralNormalization.ts";
export * from "./structure.ts";
export {
  type InputDType,
  isSymbolic,
  type LayerCall,
  type OpenShape,
  printOpenShape,
  SymbolicTensor,
} from "./symbolic.ts";
export { buildOn, callSymbolically } from "./symbolicCall.ts";
export * from "./upSampling.ts";
