export * from "./examples.ts";
export * from "./ndarray.ts";
export { permutation, uniformSource } from "./random.ts";
