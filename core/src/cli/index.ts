export { type Digits, loadDigits, type Split } from "./digits/data.ts";
export { digitsModel } from "./digits/model.ts";
export type { DigitsResult, EpochResult } from "./digits/result.ts";
export type { DigitsDefaults } from "./digits/run.ts";
export { main } from "./main.ts";
