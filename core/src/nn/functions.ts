import type { Tensor } from "../tensor/index.ts";
import { catalog } from "./named.ts";

/** What Lambda layers apply. */
export type TensorFunction = (x: Tensor) => Tensor;

const none: { readonly [name: string]: () => TensorFunction } = {};

/** Functions of the user's own, registered so that files can name them. */
export const functionCatalog = catalog("function", none);
