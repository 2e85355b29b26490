export { type CustomValue, customGradient } from "./custom.ts";
export { gradient } from "./gradient.ts";
export { remat } from "./remat.ts";
