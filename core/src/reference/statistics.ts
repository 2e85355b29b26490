import { type MeasureField, measureFields } from "../graph/measure.ts";
import { measure } from "../record/index.ts";
import { emptyArray, type ReferenceRules } from "./rule.ts";

/** What the host says of numbers, line by line. */
export const statistics: ReferenceRules<"measure"> = {
  measure: ([x], _, type) => {
    const out = emptyArray(type);
    const [length, width] = [x!.shape.at(-1)!, type.shape.at(-1)!];
    for (let line = 0; line < out.data.length / width; line++) {
      const { stats, histogram } = measure(Float32Array.from(x!.data.subarray(line * length, (line + 1) * length)));
      const told: Readonly<Record<MeasureField, number>> = { ...stats, lowest: -stats.min };
      measureFields.forEach((field, place) => {
        out.data[line * width + place] = Math.fround(told[field]);
      });
      histogram.buckets.forEach((bucket, index) => {
        out.data[line * width + measureFields.length + bucket] = histogram.counts[index]!;
      });
    }
    return out;
  },
};
