import { ArgumentError } from "../base/errors.ts";
import { type HostExamples, NdArray } from "../data/index.ts";

export type ClassWeight = Readonly<Record<number, number>>;

/** Class weights become sample weights. */
export function weighted(examples: HostExamples, classWeight: ClassWeight | undefined): HostExamples {
  if (classWeight === undefined) return examples;
  const { sampleWeight, length } = examples;
  const classes = classesOf(examples);
  if (sampleWeight !== undefined && !(sampleWeight instanceof NdArray && sampleWeight.stride === 1)) {
    throw new ArgumentError({
      what: "classWeight goes together only with a sampleWeight of one number an example",
      hint: "multiply the weights yourself, and leave classWeight out",
    });
  }
  const weights = Float32Array.from(
    { length },
    (_, row) => (classWeight[classes[row]!] ?? 1) * (sampleWeight?.data[row] ?? 1),
  );
  return { ...examples, sampleWeight: new NdArray(weights, [length]) };
}

/** The class of each example: the target itself, or the place of the largest number in a one-hot row. */
function classesOf({ y, length }: HostExamples): ArrayLike<number> {
  if (y instanceof NdArray && y.stride === 1) return y.data;
  if (y instanceof NdArray && y.shape.length === 2) {
    return Array.from({ length }, (_, row) => {
      const { data } = y.slice(row, row + 1);
      return data.indexOf(Math.max(...data));
    });
  }
  throw new ArgumentError({
    what: "classWeight needs targets that are class numbers or one-hot rows",
    hint: "use sampleWeight for other targets",
  });
}
