/** What a value is measured in, and whether more of it is better. */
export const units = {
  "GFLOP/s": "rate",
  "examples/s": "rate",
  "tokens/s": "rate",
  "GB/s": "rate",
  µs: "duration",
  s: "duration",
  MB: "size",
  KB: "size",
} as const;
export type Unit = keyof typeof units;

/** One repetition: the result is there when it returns, or when its promise resolves. */
export type Repetition = () => unknown;

/** Something to measure. All systems do the same work under the same name. */
export interface Case {
  /** "W1 512 AtB": the workload's number, then what tells its cases apart. */
  readonly name: string;
  readonly unit: Unit;
  /** Rates: how many of the unit one repetition is worth. Durations: how many of the unit a second is. */
  readonly amount: number;
  /** Our own program on the device in use. */
  readonly prepare: () => Promise<Repetition>;
}

export interface Workload {
  readonly title: string;
  readonly cases: readonly Case[];
  /** All cases in one process a system; otherwise a process each, so that peak memory is the case's own. */
  readonly together?: true;
}

/** A repetition's seconds in the case's unit. */
export const inUnit = ({ unit, amount }: Pick<Case, "unit" | "amount">, seconds: number): number =>
  units[unit] === "rate" ? amount / seconds : amount * seconds;
