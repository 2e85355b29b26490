export * from "./c/index.ts";
export type { Target } from "./target.ts";
