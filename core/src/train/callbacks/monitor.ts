import { ArgumentError, suggest } from "../../base/errors.ts";
import type { KindsOf } from "../../base/kinds.ts";
import type { Trainable } from "../step.ts";
import type { Logs, TrainingControl } from "./callback.ts";

export interface MonitorOptions {
  /** The figure that is watched. Default "valLoss". */
  readonly monitor?: string | undefined;
  /** Whether less or more is better. Default "auto": as the metric says; "max" for accuracies, else "min". */
  readonly mode?: "auto" | "min" | "max" | undefined;
  /** Tells what it does, in a line each time. Default false. */
  readonly verbose?: boolean | undefined;
}

export const monitorKinds: KindsOf<MonitorOptions> = {
  monitor: "text",
  mode: ["auto", "min", "max"],
  verbose: "flag",
};

/** Whether more is better: as the option says, as the metric of that name says, or by the name. */
export function signOf({ monitor = "valLoss", mode = "auto" }: MonitorOptions, model: Trainable): 1 | -1 {
  if (mode !== "auto") return mode === "max" ? 1 : -1;
  const bare = (monitor.startsWith("val") ? monitor.slice(3) : monitor).replace(/_\d+$/, "").toLowerCase();
  const metric = model.objective.figures.find(({ name }) => bare === name.toLowerCase());
  if (metric?.direction !== undefined) return metric.direction === "up" ? 1 : -1;
  return /acc|auc|f1|iou|precision|recall|r2/i.test(bare) && !/loss$/i.test(bare) ? 1 : -1;
}

/**
 * The figure of that name; an error with the nearest valid ones if training has none. Undefined for one of the validation in an
 * epoch without one.
 */
export function figureIn(
  logs: Logs,
  monitor: string,
  callback: string,
  { validates }: TrainingControl,
): number | undefined {
  const value = logs[monitor];
  if (value !== undefined || (!validates && monitor.startsWith("val"))) return value;
  throw new ArgumentError({
    what: `${callback}: training has no figure "${monitor}"`,
    hint: suggest(monitor, Object.keys(logs)),
  });
}

/**
 * Whether a figure (more is better) is better than the best by more than `least`. Figures have 32 bits: what they differ by beyond
 * that is rounding.
 */
export const isBetter = (value: number, best: number, least = 0): boolean =>
  Math.fround(value - Math.abs(least)) > Math.fround(best);

/** JSON has no infinities: null stands for "nothing yet". */
export const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** A number out of a file, or `otherwise`. */
export function numberIn(values: unknown, name: string, otherwise: number): number {
  const value = typeof values === "object" && values !== null ? (values as Record<string, unknown>)[name] : undefined;
  return typeof value === "number" ? value : otherwise;
}
