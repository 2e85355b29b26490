export { type Digits, firstDigits, loadDigits, type Split } from "./digits/data.ts";
export { digitsModel } from "./digits/model.ts";
export type { DigitsDefaults } from "./digits/run.ts";
export type { DigitsResult, EpochResult } from "./digits/train.ts";
export { main } from "./main.ts";
