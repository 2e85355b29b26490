import { ArgumentError } from "../base/errors.ts";
import { demandKind } from "../base/kinds.ts";
import type { Variable } from "../tensor/index.ts";
import type { Schedule, ScheduleFunction } from "./schedules/index.ts";

export interface OptimizerOptions {
  /** A number, a schedule, or a function of the step (an f32 scalar that counts from 0). */
  readonly learningRate?: number | Schedule | ScheduleFunction | undefined;
  /** Clips each gradient to a norm of at most this. */
  readonly clipNorm?: number | undefined;
  /** Clips all gradients together to a norm of at most this. */
  readonly globalClipNorm?: number | undefined;
  /** Clips each element of the gradients to ± this. */
  readonly clipValue?: number | undefined;
  /** Subtracts learningRate · weightDecay · w from each variable, apart from the gradient (Loshchilov & Hutter 2019). */
  readonly weightDecay?: number | undefined;
  /** Variables whose name holds one of these texts ("bias", "normalization") are left out of the weight decay. */
  readonly excludeFromWeightDecay?: readonly string[] | undefined;
  /** Keeps a moving average of the variables, which they become at the end of `fit`. Default false. */
  readonly useEma?: boolean | undefined;
  /** How much of the average each step keeps. Default 0.99. */
  readonly emaMomentum?: number | undefined;
  /** The variables become their average every so many steps. Default: only at the end. */
  readonly emaOverwriteFrequency?: number | undefined;
  /** Sums gradients over so many steps, and moves the variables by their mean. Default: every step moves them. */
  readonly gradientAccumulationSteps?: number | undefined;
  /** The loss is multiplied by this before it is differentiated, and the gradients are divided by it. Default 1. */
  readonly lossScaleFactor?: number | undefined;
}

/** The options that all optimizers have, as far as they were given. */
export type Common = Omit<OptimizerOptions, "learningRate">;

/** Names of the options of all optimizers; an option that is missing here, or too many, does not compile. */
const names: Readonly<Record<keyof Common, true>> = {
  clipNorm: true,
  globalClipNorm: true,
  clipValue: true,
  weightDecay: true,
  excludeFromWeightDecay: true,
  useEma: true,
  emaMomentum: true,
  emaOverwriteFrequency: true,
  gradientAccumulationSteps: true,
  lossScaleFactor: true,
};

/** Names that every optimizer knows. */
export const commonNames: readonly string[] = ["learningRate", ...Object.keys(names)];

/** `value` if it is in [0, 1); an ArgumentError that names it otherwise. */
export function demandFraction(name: string, value: number): void {
  if (typeof value === "number" && value >= 0 && value < 1) return;
  throw new ArgumentError(`${name} must be at least 0 and below 1, received ${value}`);
}

/** `value` if it is finite and at least 0. */
export const demandNotNegative = (name: string, value: number): number => demandKind(name, value, "notNegative");

function demandCount(name: string, value: number | undefined): void {
  if (value !== undefined) demandKind(name, value, "count");
}

/** Splits the options of all optimizers, checked, from those of one. */
export function splitOptions(given: object): { readonly common: Common; readonly own: object } {
  const entries = Object.entries(given).filter(([name, value]) => name !== "learningRate" && value !== undefined);
  const isCommon = ([name]: readonly [string, unknown]): boolean => Object.hasOwn(names, name);
  const common = Object.fromEntries(entries.filter(isCommon)) as Common; // checked just below
  const clips = [common.clipNorm, common.globalClipNorm, common.clipValue].filter((clip) => clip !== undefined);
  if (clips.length > 1) throw new ArgumentError("clipNorm, globalClipNorm and clipValue exclude each other: give one");
  if (clips.some((clip) => typeof clip !== "number" || !(clip > 0)))
    throw new ArgumentError(`a clip must be positive, received ${clips.join(", ")}`);
  demandNotNegative("weightDecay", common.weightDecay ?? 0);
  demandFraction("emaMomentum", common.emaMomentum ?? 0);
  if (common.useEma !== undefined) demandKind("useEma", common.useEma, "flag");
  if (common.lossScaleFactor !== undefined && !(common.lossScaleFactor > 0))
    throw new ArgumentError(`lossScaleFactor must be positive, received ${common.lossScaleFactor}`);
  demandCount("emaOverwriteFrequency", common.emaOverwriteFrequency);
  demandCount("gradientAccumulationSteps", common.gradientAccumulationSteps);
  const excluded: unknown = common.excludeFromWeightDecay ?? [];
  if (!Array.isArray(excluded) || !excluded.every((text) => typeof text === "string"))
    throw new ArgumentError("excludeFromWeightDecay must be a list of texts");
  return { common, own: Object.fromEntries(entries.filter((entry) => !isCommon(entry))) };
}

/** Whether the variable is left out of the weight decay by its name. */
export const excludedByName = ({ name }: Variable, texts: readonly string[] = []): boolean =>
  texts.some((text) => name.includes(text));
