export { Dataset, type DatasetLike, type Place } from "./dataset.ts";
export type { Batched, Row } from "./element.ts";
export * from "./examples.ts";
export { pythonRandom, randomState, type SeededRandom } from "./mersenne.ts";
export * from "./ndarray.ts";
export { permutation, uniformSource } from "./random.ts";
export type { MapContext, MapOptions } from "./stages/map.ts";
export type { GeneratorOptions } from "./stages/source.ts";
