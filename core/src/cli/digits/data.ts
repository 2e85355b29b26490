export { type Digits, loadDigits, part, splitDigits } from "../../datasets/digits.ts";
export type { Split } from "../../datasets/options.ts";
