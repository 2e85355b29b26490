// All rules by name: `rules.Dense<64>` is what the types of models are made of, and what users' own layers can say.

export type * from "./chain.ts";
export type * from "./core.ts";
export type * from "./images.ts";
export type * from "./merging.ts";
export type * from "./reshaping.ts";
export type * from "./rule.ts";
export type * from "./sequences.ts";
export type * from "./single.ts";
export type * from "./windows.ts";
