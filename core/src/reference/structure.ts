import { emit } from "../base/events.ts";
import { range, type Shape, sizeOf } from "../base/shape.ts";
import { type HostArray, hostArray } from "./hostArray.ts";
import type { ReferenceRule, ReferenceRules } from "./rule.ts";

const identity: ReferenceRule<"detach"> = ([x]) => x!;

/** Step `time` of a sequence [length, ...]. */
function stepOf({ shape, dtype, data }: HostArray, time: number): HostArray {
  const stepShape = shape.slice(1);
  const size = sizeOf(stepShape);
  return { shape: stepShape, dtype, data: data.subarray(time * size, (time + 1) * size) };
}

const sequenceShape = (length: number, step: Shape): Shape => [length, ...step];

/** Nested graphs, and nodes that only mean something to autodiff, the compiler or observers. */
export const structure: ReferenceRules<"detach" | "tap" | "barrier" | "custom" | "scan" | "cond" | "pick"> = {
  detach: identity,
  tap: ([x], { name }) => {
    emit("tap", () => ({ name, shape: x!.shape, data: x!.data }));
    return x!;
  },
  barrier: ([x]) => x!,
  custom: ([value]) => value!,
  scan: (inputs, { body, length, carries: carryCount, sequences: sequenceCount, reverse }, _, run) => {
    let carries = inputs.slice(0, carryCount);
    const sequences = inputs.slice(carryCount, carryCount + sequenceCount);
    const constants = inputs.slice(carryCount + sequenceCount);
    const results = body.outputs
      .slice(carryCount)
      .map(({ shape, dtype }) => hostArray(sequenceShape(length, shape), dtype, 0));
    for (const time of reverse ? range(length).reverse() : range(length)) {
      const outputs = run(body, [...carries, ...sequences.map((sequence) => stepOf(sequence, time)), ...constants]);
      carries = outputs.slice(0, carryCount);
      outputs.slice(carryCount).forEach((output, index) => {
        results[index]!.data.set(output.data, time * output.data.length);
      });
    }
    return [...carries, ...results];
  },
  cond: ([predicate, ...operands], { then, else: otherwise }, _, run) =>
    run(predicate!.data[0] === 0 ? otherwise : then, operands),
  pick: (results, { index }) => results[index]!,
};
