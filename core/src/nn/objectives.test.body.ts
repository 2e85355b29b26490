import assert from "node:assert/strict";
import { grad, jit, type Tensor, tensor } from "../tensor/index.ts";
import {
  describeLoss,
  describeMetric,
  type LossName,
  losses,
  type Metric,
  metrics,
  restoreLoss,
  restoreMetric,
} from "./index.ts";

// The body of the test of losses and metrics, for every package that has a device.

type Values = number | readonly Values[];

/** What Keras says: goldens/objectives.py writes it and explains it. */
export interface Golden {
  readonly losses: readonly GoldenLoss[];
  readonly metrics: readonly GoldenMetric[];
}
interface GoldenLoss {
  readonly name: LossName;
  readonly options: object;
  readonly yTrue: Values;
  readonly yPred: Values;
  readonly sampleWeight?: Values;
  readonly mask?: Values;
  /** Only for devices that compute in f32. */
  readonly single?: true;
  readonly value: Values;
  readonly gradient: Values;
}
interface GoldenMetric {
  readonly name: keyof typeof metrics;
  readonly arguments: readonly unknown[];
  readonly options: object;
  readonly batches: readonly { readonly yTrue: Values; readonly yPred: Values; readonly sampleWeight?: Values }[];
  readonly value: Values;
}

const made = (values: Values): Tensor => tensor(values as number[]); // nested lists of numbers
const optional = (values: Values | undefined): Tensor | undefined => (values === undefined ? undefined : made(values));
const flat = (values: Values): readonly number[] => (typeof values === "number" ? [values] : values.flatMap(flat));

async function close(what: string, found: Tensor, expected: Values, tolerance: number): Promise<void> {
  const data = [...(await found.data())] as number[];
  const wanted = flat(expected);
  assert.equal(data.length, wanted.length, what);
  const scale = Math.max(...wanted.map(Math.abs), 1e-2);
  wanted.forEach((value, at) => {
    const error = Math.abs(data[at]! - value);
    assert.ok(error <= tolerance * Math.max(scale, Math.abs(value)), `${what} ${at}: ${data[at]} is not ${value}`);
  });
}

/** Values and gradients are those of Keras, also of losses that their configs make again; one program for all entries. */
export async function lossesAgree(entries: readonly GoldenLoss[]): Promise<void> {
  const prepared = entries.map(({ name, options, yTrue, yPred, sampleWeight, mask }) => ({
    loss: restoreLoss(describeLoss(losses[name](options as never))), // the golden's options belong to its name
    given: { y: made(yTrue), p: made(yPred), w: optional(sampleWeight), m: optional(mask) },
  }));
  const run = jit((batches: readonly (typeof prepared)[number]["given"][]) =>
    batches.map(({ y, p, w, m }, index) => {
      const compute = (q: Tensor): Tensor => prepared[index]!.loss.compute(y, q, { sampleWeight: w, mask: m });
      return [compute(p), grad((q: Tensor) => compute(q).sum())(p)];
    }),
  );
  const found = run(prepared.map(({ given }) => given));
  for (const [index, { name, value, gradient }] of entries.entries()) {
    const [loss, slope] = found[index] as [Tensor, Tensor]; // a value and its gradient each
    const what = `${name} ${index} ${JSON.stringify(entries[index]!.options)}`;
    await close(`${what}: value`, loss, value, 3e-6);
    await close(`${what}: gradient`, slope, gradient, 2e-5);
  }
}

/** Figures after all batches are those of Keras, in a compiled step, twice over, also of metrics made from their configs. */
export async function metricsAgree(entries: readonly GoldenMetric[]): Promise<void> {
  const figures = entries.map(({ name, arguments: given, options }) => {
    const make = metrics[name] as (...args: unknown[]) => Metric; // arguments and options are the golden's
    return restoreMetric(describeMetric(make(...given, options)));
  });
  const step = jit((batches: readonly ({ y: Tensor; p: Tensor; w: Tensor | undefined } | undefined)[]) => {
    for (const [index, batch] of batches.entries()) {
      if (batch !== undefined) figures[index]!.update(batch.y, batch.p, batch.w);
    }
  });
  const rounds = Math.max(...entries.map(({ batches }) => batches.length));
  for (let again = 0; again < 2; again++) {
    for (let round = 0; round < rounds; round++) {
      const batches = entries.map(({ batches }) => batches[round]);
      step(
        batches.map(
          (batch) => batch && { y: made(batch.yTrue), p: made(batch.yPred), w: optional(batch.sampleWeight) },
        ),
      );
    }
    const results = figures.map((figure) => figure.result());
    for (const [index, { name, options, value }] of entries.entries())
      await close(`${name} ${index} ${JSON.stringify(options)}`, results[index]!, value, 3e-6);
    for (const figure of figures) figure.reset();
  }
}
