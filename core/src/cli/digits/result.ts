import type { History } from "../../train/index.ts";

/** What `--json` writes. Times are in milliseconds. */
export interface DigitsResult {
  readonly device: string;
  readonly parameters: number;
  readonly epochs: readonly EpochResult[];
  readonly testAccuracy: number;
  readonly examplesPerSecond: number;
  readonly compileMs: number;
  readonly trainMs: number;
  readonly peakBytes: number;
}

export interface EpochResult {
  readonly loss: number;
  readonly accuracy: number;
  readonly valLoss: number;
  readonly valAccuracy: number;
}

/** The history, one record an epoch. */
export function epochResults({ history }: History): EpochResult[] {
  const figure = (name: keyof EpochResult, epoch: number): number => history[name]?.[epoch] ?? Number.NaN;
  return (history["loss"] ?? []).map((loss, epoch) => ({
    loss,
    accuracy: figure("accuracy", epoch),
    valLoss: figure("valLoss", epoch),
    valAccuracy: figure("valAccuracy", epoch),
  }));
}
