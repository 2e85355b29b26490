import { type DType, isFloat, rangeOf } from "../base/dtype.ts";
import { InternalError } from "../base/errors.ts";
import { printShape, sameShape } from "../base/shape.ts";
import type { Graph } from "../graph/node.ts";
import { type Op, ops } from "../graph/primitives.ts";
import { type HostArray, roundTo } from "./hostArray.ts";
import { contractionSamples } from "./samples/contraction.ts";
import { indexingSamples } from "./samples/indexing.ts";
import { mapSamples } from "./samples/maps.ts";
import { movementSamples } from "./samples/movement.ts";
import { reductionSamples } from "./samples/reduction.ts";
import { type Sample, type SampleRule, seeded, type Tolerance } from "./samples/sample.ts";
import { sourceSamples } from "./samples/sources.ts";
import { structureSamples } from "./samples/structure.ts";

export type { Sample, Tolerance } from "./samples/sample.ts";

/** The conformance table: what every primitive must be able to do on every device. A primitive without samples does not compile. */
export const samples: { readonly [K in Op]: SampleRule } = {
  ...sourceSamples,
  ...mapSamples,
  ...movementSamples,
  ...reductionSamples,
  ...contractionSamples,
  ...indexingSamples,
  ...structureSamples,
};

/** The samples of one primitive with one dtype. */
export interface ConformanceRow {
  readonly op: Op;
  readonly dtype: DType;
  readonly samples: readonly Sample[];
}

/** All rows of the conformance table, the same ones in every process. */
export const conformanceSamples = (): readonly ConformanceRow[] =>
  ops.flatMap((op, index) =>
    samples[op].dtypes.map((dtype) => ({ op, dtype, samples: samples[op].samples(dtype, seeded(1 + index)) })),
  );

/** Several samples as one graph, so that a device that takes long to compile does so once a row. */
export interface JoinedSamples {
  readonly graph: Graph;
  readonly inputs: readonly HostArray[];
  /** For each output of the graph, the sample that it belongs to. */
  readonly owners: readonly Sample[];
}

/** The samples side by side in one graph: inputs and outputs one after the other. */
export const joinSamples = (joined: readonly Sample[]): JoinedSamples => ({
  graph: {
    inputs: joined.flatMap(({ graph }) => graph.inputs),
    outputs: joined.flatMap(({ graph }) => graph.outputs),
  },
  inputs: joined.flatMap(({ inputs }) => inputs),
  owners: joined.flatMap((owner) => owner.graph.outputs.map(() => owner)),
});

/** Shown wrong elements before an error says "and more". */
const shownElements = 5;

/**
 * Throws unless `actual` is `expected` to within `tolerance`. The truth may be met as it is or rounded to the dtype, so that
 * overflow to infinity is right; NaN equals NaN, an infinity itself, and −0 equals 0.
 */
export function assertClose(actual: HostArray, expected: HostArray, tolerance: Tolerance, what: string): void {
  const [received, wanted] = [actual, expected].map(({ shape, dtype }) => `${dtype} ${printShape(shape)}`);
  if (!sameShape(actual.shape, expected.shape) || actual.dtype !== expected.dtype) {
    throw new InternalError(`${what}: received ${received} instead of ${wanted}`);
  }
  const wrong = [...expected.data.keys()].filter(
    (index) => !isClose(actual.data[index]!, expected.data[index]!, expected.dtype, tolerance),
  );
  if (wrong.length === 0) return;
  const lines = wrong
    .slice(0, shownElements)
    .map((index) => `  element ${index}: ${actual.data[index]} instead of ${expected.data[index]}`);
  throw new InternalError(
    [`${what}: ${wrong.length} of ${expected.data.length} elements of ${wanted} are wrong`, ...lines].join("\n"),
  );
}

function isClose(actual: number, truth: number, dtype: DType, { relative, absolute }: Tolerance): boolean {
  const rounded = roundTo[dtype](truth);
  if (Number.isNaN(truth) || Number.isNaN(actual)) return Number.isNaN(truth) && Number.isNaN(actual);
  if (actual === truth || actual === rounded) return true;
  if (!Number.isFinite(truth)) return false;
  const allowed = absolute + relative * Math.abs(truth);
  // Just below the largest number an error within the tolerance may overflow.
  const largest = rangeOf[dtype][1];
  const finite = isFloat(dtype) ? Math.sign(actual) * Math.min(Math.abs(actual), largest) : actual;
  return Math.min(Math.abs(finite - truth), Math.abs(finite - rounded)) <= allowed;
}
