import { batchesOf, type HostExamples, permutation, sliceExamples } from "../data/index.ts";

/** Which epoch of a training begins, and with which of its steps. */
export interface Beginning {
  /** Decides orders. */
  readonly seed: number;
  /** Epochs that the model has seen before, in all its runs: each has orders of its own. */
  readonly round: number;
  readonly step: number;
}

/** Where a data set stands: the number of the pass, and how many of its batches have been trained on. */
export interface DataPlace {
  readonly pass: number;
  readonly taken: number;
}

/** The batches of one epoch. */
export interface Batches {
  /** Undefined at the end. */
  next(): HostExamples | undefined | Promise<HostExamples | undefined>;
  /** Nothing more is asked for. */
  close(): void | Promise<void>;
}

/** Where training, evaluation and prediction get their batches from. */
export interface Feed {
  /** Batches of an epoch; undefined as long as nobody knows. */
  readonly steps: number | undefined;
  /** Examples of a full batch. */
  readonly batchSize: number;
  /** Whether making batches may take time that training waits for. */
  readonly measured: boolean;
  /** All examples, where they are in memory. */
  readonly whole: HostExamples | undefined;
  /** A batch, for what must be known before the first step. */
  readonly sample: HostExamples;
  /** Batches of the other sizes that are known to come. */
  readonly others: readonly HostExamples[];
  open(beginning: Beginning): Batches;
  /** Where the data stand, for checkpoints; undefined where epoch and step say it. */
  place(): DataPlace | undefined;
  /** Goes on from a place, at the next epoch that is opened. */
  restore(place: DataPlace): void;
  /** Nothing more is opened: what is still open (files, generators) is closed. */
  close(): Promise<void>;
}

/** Batches cut from arrays in memory. */
export function arrayFeed(examples: HostExamples, batchSize: number, shuffle: boolean): Feed {
  const { length } = examples;
  const rest = length % batchSize;
  return {
    steps: Math.ceil(length / batchSize),
    batchSize,
    measured: false,
    whole: examples,
    sample: sliceExamples(examples, 0, Math.min(batchSize, length)),
    others: length > batchSize && rest > 0 ? [sliceExamples(examples, 0, rest)] : [],
    open: ({ seed, round, step }) => {
      // Every epoch that the model ever saw has its own order, also in a later run, and in one that goes on from a file.
      const order = shuffle ? permutation(length, seed, round) : undefined;
      const batches = batchesOf(examples, batchSize, order, step);
      return { next: () => batches.next().value ?? undefined, close: () => {} };
    },
    place: () => undefined,
    restore: () => {},
    close: async () => {},
  };
}
