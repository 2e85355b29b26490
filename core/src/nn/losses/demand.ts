import { DataError } from "../../base/errors.ts";
import { printShape, type Shape } from "../../base/shape.ts";
import type { Targets } from "./loss.ts";

// What a loss demands of targets, in words, before anything is compiled or computed.

/** Targets in the host's memory. */
export interface HostTargets {
  readonly shape: Shape;
  readonly dtype: string;
  readonly data: ArrayLike<number>;
}

/** The shape of an output; null for sizes that the data decide, such as the number of examples. */
export type OutputShape = readonly (number | null)[];

/** The shapes that targets may have: that of the output, in which an axis of size 1 at the end may be missing or too many. */
export function likeOutput(output: OutputShape): readonly OutputShape[] {
  const short = output.length > 1 && (output.at(-1) ?? 1) === 1 ? [output.slice(0, -1)] : [];
  return [output, ...short, [...output, 1]];
}

/** The shapes of class numbers: the output's without the axis of its classes, or with size 1 there. */
export function likeLabels(output: OutputShape, axis: number): readonly OutputShape[] {
  const at = axis < 0 ? axis + output.length : axis;
  return [output.filter((_, each) => each !== at), output.map((size, each) => (each === at ? 1 : size))];
}

const fits = (shape: Shape, expected: OutputShape): boolean =>
  shape.length === expected.length && expected.every((size, axis) => size === null || size === shape[axis]);

/** Demands that targets have one of the `accepted` shapes. */
export function demandShape(
  loss: string,
  kind: Targets,
  { shape, dtype }: HostTargets,
  output: OutputShape,
  accepted: readonly OutputShape[],
): void {
  if (accepted.some((each) => fits(shape, each))) return;
  const [count] = shape;
  const print = (given: OutputShape): string =>
    `[${given.map((size, axis) => (axis === 0 ? (size ?? count) : (size ?? "any"))).join(", ")}]`;
  throw new DataError({
    what: `${loss}: the targets do not fit the output ${print(output)}`,
    details: [
      { role: "expected", value: `${print(accepted[0]!)}: ${meanings[kind]}` }, // one at least
      { role: "received", value: `${dtype} ${printShape(shape)}` },
    ],
    hint: remedy(kind, shape, output),
  });
}

const meanings = {
  classes: "class numbers",
  probabilities: "probabilities (one-hot)",
  binary: "a 0 or 1 a value",
  values: "a target a value",
} as const satisfies Record<Targets, string>;

/** What to do about targets of another shape. */
function remedy(kind: Targets, shape: Shape, output: OutputShape): string {
  const width = output.at(-1) ?? undefined;
  const perRow = likeLabels(output, -1).some((each) => fits(shape, each));
  if (kind === "classes") {
    return fits(shape, output)
      ? "categoricalCrossentropy takes one-hot rows; argmax(y, -1) makes class numbers of them"
      : "give a class number a row";
  }
  if (perRow && kind === "probabilities")
    return `sparseCategoricalCrossentropy takes class numbers; oneHot(y, ${width}) makes rows of them`;
  if (perRow && kind === "binary")
    return `end the model with dense(1), or take sparseCategoricalCrossentropy for ${width} classes`;
  const wide = shape.length === output.length && output.at(-1) === 1 ? shape.at(-1) : undefined;
  if (perRow || wide !== undefined) return `end the model with dense(${wide ?? 1}), or give ${width} targets a row`;
  return "give targets of the output's shape";
}

/** Demands that labels are numbers of so many classes, or `ignored`; that those of two classes are from 0 to 1. */
export function demandValues(
  loss: string,
  kind: Targets,
  { data, shape }: HostTargets,
  classes: number | undefined,
  ignored: number | undefined,
): void {
  if (kind !== "classes" && kind !== "binary") return;
  const whole = kind === "classes";
  const highest = whole ? (classes ?? Number.POSITIVE_INFINITY) - 1 : 1;
  let [least, greatest, odd] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1];
  for (let at = 0; at < data.length; at++) {
    const label = data[at]!;
    if (label === ignored) continue;
    if (label < least) least = label;
    if (label > greatest) greatest = label;
    const right = label >= 0 && label <= highest && (!whole || Number.isInteger(label));
    if (!right && odd < 0) odd = at;
  }
  if (odd < 0) return;
  throw new DataError({
    what: `${loss}: label ${data[odd]} of example ${Math.floor(odd / (data.length / shape[0]!))} is out of range`,
    details: [
      {
        role: "expected",
        value: !whole
          ? "probabilities from 0 to 1"
          : classes === undefined
            ? "whole numbers from 0"
            : `whole numbers from 0 to ${highest} (the output has ${classes} classes)`,
      },
      { role: "received", value: `numbers from ${least} to ${greatest}` },
    ],
    hint: whole
      ? "labels count from 0; make the last layer larger if there are more classes"
      : least === -1 && greatest === 1
        ? "hinge takes −1 and 1; for this loss give (y + 1) / 2"
        : "scale the targets",
  });
}
