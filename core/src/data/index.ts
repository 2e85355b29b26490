export * from "./examples.ts";
export { pythonRandom, randomState, type SeededRandom } from "./mersenne.ts";
export * from "./ndarray.ts";
export { permutation, uniformSource } from "./random.ts";
