// Every layer by its Keras name: `layers.dense(64, { activation: "relu" })`. Each is a function by itself, so that a bundle
// carries only those that a program names; its type says what the layer makes of shapes (`rules/`).

export * from "./activations.ts";
export * from "./attention.ts";
export * from "./convolutions.ts";
export * from "./core.ts";
export * from "./images.ts";
export * from "./merging.ts";
export * from "./normalization.ts";
export * from "./pooling.ts";
export * from "./preprocessing.ts";
export * from "./recurrent.ts";
export * from "./regularization.ts";
export * from "./reshaping.ts";
