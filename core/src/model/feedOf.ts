import {
  type BatchSource,
  type Examples,
  type HostExamples,
  hostExamples,
  isBatchSource,
  type NanPolicy,
} from "../data/index.ts";
import { demandKnown } from "../nn/options.ts";
import { randomSeed } from "../tensor/index.ts";
import { arrayFeed, datasetFeed, demandPositive, type Feed } from "../train/index.ts";

export interface EvaluateOptions {
  /** Default 32; of data that come in batches, theirs. */
  readonly batchSize?: number | undefined;
  /** Of data that come in batches: how many are used. Default: all. */
  readonly steps?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What to do with NaN or infinities in the data. Default "error". */
  readonly nanPolicy?: NanPolicy | undefined;
}

export const evaluateOptions = {
  batchSize: true,
  steps: true,
  signal: true,
  nanPolicy: true,
} satisfies Record<keyof EvaluateOptions, true>;

/** What a model does with data before it computes. */
interface Doors {
  /** Runs what the model does on the host. */
  fed(examples: Examples): Examples;
  /** Is built for the first, and checks it. */
  prepare(examples: HostExamples): void;
  /** Checks the others. */
  check(examples: HostExamples): void;
}

/** Batches for evaluation or prediction. */
export async function feedOf(
  role: "evaluate" | "predict",
  data: Examples | BatchSource,
  options: EvaluateOptions = {},
  { fed, prepare, check }: Pick<Doors, "fed"> & Partial<Doors>,
): Promise<Feed> {
  demandKnown(role, options, Object.keys(evaluateOptions));
  const { nanPolicy, batchSize = 32, steps: most } = options;
  if (!isBatchSource(data)) {
    const host = await hostExamples(fed(data), nanPolicy);
    prepare?.(host);
    return arrayFeed(host, demandPositive("batchSize", batchSize), false);
  }
  const steps = most === undefined ? undefined : demandPositive("steps", most);
  const first = { seed: randomSeed(), round: 0, step: 0 };
  const feed = await datasetFeed(data, first, { role, steps, nanPolicy, fed, check });
  prepare?.(feed.sample);
  return feed;
}
