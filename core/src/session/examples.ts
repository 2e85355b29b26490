import { type HostExamples, isNdArray, NdArray, sliceExamples } from "../data/index.ts";
import { Model } from "../model/index.ts";
import { isSymbolic, leavesOf } from "../nn/index.ts";
import { type Tensor, tensor } from "../tensor/index.ts";
import type { Attended } from "../train/index.ts";

export const isNdArrayLike = (value: unknown): value is NdArray => value instanceof NdArray;

/** The first array of the inputs. */
export const firstInput = ({ x }: HostExamples): NdArray | undefined => leavesOf(x, isNdArray)[0];

/** One input as the model takes it: of the training, or where those are not known of the validation. */
export const firstInputOf = ({
  examples,
  validation,
}: Pick<Attended, "examples" | "validation">): NdArray | undefined =>
  firstInput(examples) ?? (validation === undefined ? undefined : firstInput(validation));

/** How many classes a model with one output tells apart; undefined where its targets are no class numbers. */
export function classCountOf({ model, examples, validation }: Attended): number | undefined {
  const { losses } = model.objective;
  if (losses.length !== 1 || losses[0]?.targets !== "classes" || !isNdArrayLike((validation ?? examples).y))
    return undefined;
  if (!(model instanceof Model) || model.graph === undefined) return undefined;
  const [output] = leavesOf(model.graph.outputs, isSymbolic);
  return output?.shape.length === 2 ? (output.shape[1] ?? undefined) : undefined;
}

/** The example of a key such as "validation/17". */
export function exampleOf(
  training: Attended,
  key: string,
): { readonly input: NdArray; readonly x: HostExamples["x"]; readonly truth: number } | undefined {
  const [split, place] = key.split("/");
  const examples = split === "validation" ? training.validation : split === "train" ? training.examples : undefined;
  const index = Number(place);
  if (examples === undefined || !Number.isInteger(index) || index < 0 || index >= examples.length) return undefined;
  const one = sliceExamples(examples, index, index + 1);
  const input = firstInput(one);
  if (input === undefined) return undefined;
  return { input, x: one.x, truth: isNdArrayLike(one.y) && one.y.stride === 1 ? one.y.data[0]! : Number.NaN };
}

/** An array on the device, when it is used. */
export const upload = ({ data, shape, dtype }: NdArray): Tensor => tensor(data, { shape, dtype });
