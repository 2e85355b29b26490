export * from "./dtype.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./half.ts";
export * from "./hash.ts";
export * from "./shape.ts";
