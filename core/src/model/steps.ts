import { Metric } from "../nn/index.ts";
import type { Jitted } from "../tensor/index.ts";
import type { Batch, CompileOptions, Objective, Step } from "../train/index.ts";

/** The compiled steps; made again whenever `compile` is called. */
export interface Steps {
  readonly train: Step;
  readonly test: Step;
}

/** Calls the jitted step and waits until the running loss has been written. */
export function settled(step: Jitted<(batch: Batch) => void>, objective: Objective): Step {
  const run = async (batch: Batch): Promise<void> => {
    step(batch);
    await objective.total.variables[0]!.data();
  };
  const prepare = (batch: Batch): void => {
    step.prepare(batch).catch(() => {}); // the batch itself will tell
  };
  return Object.assign(run, { prepare });
}

/** The output names that the options of `compile` use, for models that have no graph (yet). */
export function namesIn({ loss }: CompileOptions): readonly string[] {
  if (typeof loss !== "object" || loss === null || "call" in loss) return ["output"];
  return Array.isArray(loss) ? loss.map((_, index) => `output_${index}`) : Object.keys(loss);
}

/** The figures that a model keeps in its properties. */
export const metricsIn = (model: object): readonly Metric[] =>
  Object.values(model).filter((value): value is Metric => value instanceof Metric);
