import { oneOf, positiveNumber, text, toggle, type ValuesOf, wholeNumber } from "../options.ts";

export const digitsOptions = {
  epochs: wholeNumber("passes over the training data (default 6)"),
  "batch-size": wholeNumber("examples a step (default 64)"),
  "learning-rate": positiveNumber("first step size of Adam, lowered every epoch (default 0.002)"),
  seed: wholeNumber("decides the first weights and all orders (default 1)", 0),
  examples: wholeNumber("learn from this many digits only (default: all 8,000)", 20),
  device: oneOf(["native", "wasm", "reference"], "where to compute (default: the fastest there is)"),
  threads: wholeNumber("threads to compute with (default: all cores)"),
  save: text("FILE", "where to save the trained model, as .safetensors"),
  json: text("FILE", "where to write the figures, as JSON"),
  studio: toggle("open the studio: a page to watch the training and to steer it"),
  runs: text("FOLDER", "record the run into this folder (with --studio: default runs)"),
  predict: toggle("only load the model of --save and predict the test set again"),
} as const;

export type DigitsValues = ValuesOf<typeof digitsOptions>;
