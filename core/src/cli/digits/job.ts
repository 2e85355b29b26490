import type { Digits } from "./data.ts";
import type { DigitsValues } from "./options.ts";

/** What training and predicting get to work with. */
export interface Job {
  readonly digits: Digits;
  readonly settings: DigitsValues;
  readonly signal: AbortSignal;
  /** When the work began, before the data were read; as `performance.now()`. */
  readonly began: number;
}
