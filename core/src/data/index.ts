export * from "./audio/index.ts";
export { type BatchLike, type BatchSource, examplesOf, isBatchSource, planOf } from "./batches.ts";
export { toCategorical } from "./categorical.ts";
export { Dataset, type DatasetLike, type Place } from "./dataset.ts";
export type { Batched, Row } from "./element.ts";
export * from "./examples.ts";
export * from "./folders/index.ts";

export { numpyRandom, pythonRandom, type SeededRandom } from "./mersenne.ts";
export * from "./ndarray.ts";
export {
  type ColumnKind,
  type ParquetBatch,
  type ParquetColumns,
  type ParquetDataset,
  type ParquetDatasetOptions,
  parquetDataset,
} from "./parquet.ts";
export { type Cursor, type End, end, openPlan, type Plan } from "./plan.ts";
export { permutation, uniformSource } from "./random.ts";
export * from "./sources/index.ts";
export { type SplitOptions, splitDataset } from "./split.ts";
export type { MapContext } from "./stages/context.ts";
export type { LayerApplied } from "./stages/layer.ts";
export type { MapOptions } from "./stages/map.ts";
export type { ModuleFunction } from "./stages/mapInWorkers.ts";
export type { PaddedBatchOptions } from "./stages/paddedBatch.ts";
export { ahead } from "./stages/prefetch.ts";
export type { GeneratorOptions } from "./stages/source.ts";
export type { DatasetStats, StageStats, ValueStats } from "./stats.ts";
