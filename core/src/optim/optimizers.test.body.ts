import assert from "node:assert/strict";
import type { Device } from "../device/device.ts";
import { createReferenceDevice } from "../device/index.ts";
import type { Described } from "../nn/catalogue.ts";
import { jit, setDevice, type Tensor, tensor, variable } from "../tensor/index.ts";
import { describeOptimizer, type OptimizerName, optimizers, restoreOptimizer } from "./index.ts";
import { describeSchedule, restoreSchedule } from "./schedules/index.ts";

// The body of the test of optimizers, for every package that has a device.

type Values = number | readonly Values[];

/** What Keras says: goldens/optimizers.py writes it and explains it. */
export interface Golden {
  readonly start: readonly Values[];
  readonly gradients: readonly (readonly Values[])[];
  readonly steps: readonly number[];
  readonly runs: readonly Run[];
  readonly schedules: readonly (Described & { readonly steps: readonly number[]; readonly rates: readonly number[] })[];
}
type Run = Described & { readonly values: readonly (readonly Values[])[]; readonly averages?: readonly Values[] };

const made = (values: Values): Tensor => tensor(values as number[]); // nested lists of numbers
export const flat = (values: Values): readonly number[] =>
  typeof values === "number" ? [values] : values.flatMap(flat);

export async function close(what: string, found: Tensor, expected: Values, tolerance: number): Promise<void> {
  const data = [...(await found.data())] as number[];
  flat(expected).forEach((value, at) => {
    const error = Math.abs(data[at]! - value);
    assert.ok(error <= tolerance * (1 + Math.abs(value)), `${what}, element ${at}: ${data[at]} is not ${value}`);
  });
}

/**
 * Keras takes 1 − βᵗ in f32, which loses digits in the first steps; we do not. Muon's matrix products multiply roundings.
 */
const toleranceOf = (name: string): number => (/adam|lamb|muon/.test(name) ? 2e-4 : 2e-5);

/** The variables after some of 20 steps are those of Keras, by optimizers made again from their configs; one program for all. */
export async function optimizersAgree({ start, gradients, steps }: Golden, runs: readonly Run[]): Promise<void> {
  const prepared = runs.map((run) => ({
    run,
    optimizer: restoreOptimizer(describeOptimizer(restoreOptimizer(run))),
    variables: start.map((value, at) => variable(made(value), { name: ["kernel", "bias"][at]! })),
  }));
  const step = jit((given: readonly Tensor[]) => {
    for (const { optimizer, variables } of prepared) optimizer.apply(given, variables);
  });
  for (const [at, given] of gradients.entries()) {
    step(given.map(made));
    const kept = steps.indexOf(at + 1);
    if (kept < 0) continue;
    for (const { run, variables } of prepared) {
      for (const [index, target] of variables.entries()) {
        const what = `${run.name} ${JSON.stringify(run.options)}, step ${at + 1}, variable ${index}`;
        await close(what, target, run.values[kept]![index]!, toleranceOf(run.name));
      }
    }
  }
  for (const { run, optimizer, variables } of prepared) {
    if (run.averages === undefined) continue;
    optimizer.finalize(variables);
    for (const [index, target] of variables.entries())
      await close(`${run.name}: average`, target, run.averages[index]!, toleranceOf(run.name));
  }
}

/** Rates at all steps are those of Keras, by schedules made again from their configs; one program for all. */
export async function schedulesAgree({ schedules }: Golden): Promise<void> {
  const prepared = schedules.map(({ steps: _, rates: __, ...schedule }) =>
    restoreSchedule(describeSchedule(restoreSchedule(schedule))),
  );
  const { steps } = schedules[0]!;
  const found = jit((step: Tensor) => prepared.map((schedule) => schedule.rate(step)));
  for (const [at, step] of steps.entries()) {
    const rates = found(tensor(step));
    for (const [index, rate] of rates.entries()) {
      const { name, options, rates } = schedules[index]!;
      await close(`${name} ${JSON.stringify(options)} at step ${step}`, rate as Tensor, rates[at]!, 2e-6);
    }
  }
}

/** The slots that shrink by a factor in every step without gradients, of every optimizer that has some. */
const fading: readonly (readonly [name: OptimizerName, options: object, slots: readonly string[]])[] = [
  ["sgd", { momentum: 0.9 }, ["momentum"]],
  ["rmsprop", { momentum: 0.9, centered: true }, ["velocity", "momentum", "average"]],
  ["adam", { amsgrad: true }, ["momentum", "velocity"]],
  ["adamw", {}, ["momentum", "velocity"]],
  ["adamax", {}, ["momentum", "norm"]],
  ["nadam", {}, ["momentum", "velocity"]],
  ["adadelta", {}, ["accumulatedGradient", "accumulatedChange"]],
  ["lamb", {}, ["momentum", "velocity"]],
  ["lion", {}, ["momentum"]],
  ["muon", {}, ["momentum"]],
];

/** A mean of past gradients that nothing feeds ends at 0, and does not stay among the smallest numbers; others are kept. */
export async function meansFade(): Promise<void> {
  const faint = [1e-37, 1e-39, 1e-45, 0];
  const kept = [1e-3, 1e-12, 1e-24, 1e-30];
  for (const [name, options, slots] of fading) {
    const optimizer = optimizers[name](options as never); // the row's options are its optimizer's
    const target = variable(tensor([faint, kept]), { name: "kernel" });
    optimizer.build([target]);
    const state = optimizer.slotsOf(target)!;
    for (const slot of slots) state[slot]!.assign(tensor([faint, kept]));
    optimizer.apply([tensor([faint.map(() => 0), kept.map(() => 0)])], [target]);
    for (const slot of slots) {
      const data = [...(await state[slot]!.data())] as number[];
      assert.deepEqual(data.slice(0, 4), [0, 0, 0, 0], `${name}: ${slot}`);
      for (const [at, value] of kept.entries())
        assert.ok(data[4 + at]! > 0.5 * value, `${name}: ${slot} was ${value}, is ${data[4 + at]}`);
    }
  }
}

/** All ways of clipping, with limits that the gradients below exceed. */
const clips = [{ clipValue: 0.5 }, { clipNorm: 0.75 }, { globalClipNorm: 0.5 }] as const;

/** The optimizers that have norms of their own, or none, move an array so large that its norm is summed in parts. */
const shapesOf = (name: string): readonly (readonly number[])[] =>
  ["sgd", "adam", "lamb"].includes(name) ? [[143, 300], [37], [1]] : [[24, 30], [37], [1]];

/** Every optimizer under every kind of clipping moves variables as the reference device says. */
export async function clippingAgrees(device: Device): Promise<void> {
  const names = (Object.keys(optimizers) as OptimizerName[]).filter((name) => !["multi", "lossScale"].includes(name));
  const wave = (shape: readonly number[], rate: number): Tensor => {
    const size = shape.reduce((product, each) => product * each, 1);
    const values = Float32Array.from({ length: size }, (_, at) => Math.sin(rate * (at + 1)) + 0.1 * rate);
    return tensor(values, { shape });
  };
  const moved = async (where: Device, name: OptimizerName, clip: (typeof clips)[number]): Promise<Float32Array[]> => {
    await setDevice(where);
    const optimizer = optimizers[name]({ learningRate: 0.1, weightDecay: 0.01, ...clip } as never); // all have these
    const targets = shapesOf(name).map((shape) => variable(wave(shape, 0.7)));
    const step = jit((gradients: readonly Tensor[]) => optimizer.apply(gradients, targets));
    for (const rate of [1.3, 0.4]) step(targets.map(({ shape }) => wave(shape, rate)));
    return Promise.all(targets.map(async (target) => Float32Array.from((await target.data()) as Float32Array)));
  };
  const reference = createReferenceDevice();
  for (const name of names) {
    for (const clip of clips) {
      const expected = await moved(reference, name, clip);
      for (const [at, found] of (await moved(device, name, clip)).entries()) {
        const difference = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[at]![i]!)), 0);
        assert.ok(difference <= 2e-5, `${name} ${JSON.stringify(clip)}: variable ${at} differs by ${difference}`);
      }
    }
  }
}
