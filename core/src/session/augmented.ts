import { DataError } from "../base/errors.ts";
import type { NdArray } from "../data/index.ts";
import { Model, model } from "../model/index.ts";
import { isSymbolic, leavesOf, type SymbolicTensor } from "../nn/index.ts";
import { bytesSlice, type Slice } from "../record/index.ts";
import { random, type Tensor, tensor, withKey } from "../tensor/index.ts";
import type { Attended } from "../train/index.ts";
import { upload } from "./examples.ts";

const [usual, most] = [8, 32];

/**
 * What the layers before the first one that learns make of an example in training: the example as they leave it otherwise, and
 * some draws. The training's own random numbers stay as they are.
 */
export async function augmented(training: Attended, input: NdArray, wanted = usual): Promise<readonly Slice[]> {
  const front = frontOf(training);
  const count = Math.min(most, Math.max(1, Math.floor(wanted)));
  // Layers with seeds have generators of their own.
  const kept = await Promise.all(front.variables.map(async (each) => [each, await each.data()] as const));
  const slices: Slice[] = [];
  const tell = async (draw: number): Promise<Float32Array> => {
    const context = { training: draw > 0 };
    const result = withKey(random.key(draw), () => front.compute(upload(input), context)) as Tensor; // of one tensor
    const values = Float32Array.from((await result.data()) as ArrayLike<number>);
    slices.push(bytesSlice({ key: `draw/${draw}`, role: "example", shape: result.shape.slice(1) }, values));
    result.dispose();
    return values;
  };
  try {
    const plain = await tell(0);
    let changed = false;
    for (let draw = 1; draw <= count; draw++)
      changed = (await tell(draw)).some((value, at) => value !== plain[at]) || changed;
    if (!changed) throw new DataError("no layer before the first that learns changes this example in training");
  } finally {
    for (const [variable, data] of kept)
      variable.assign(tensor(data, { shape: variable.shape, dtype: variable.dtype }));
  }
  return slices;
}

/** The layers one after the other from the input to the first one that learns, as a model: to the last one that keeps its rank. */
function frontOf({ model: learner }: Attended) {
  const inputs =
    learner instanceof Model && learner.graph !== undefined ? leavesOf(learner.graph.inputs, isSymbolic) : [];
  const [input] = inputs;
  if (!(learner instanceof Model) || input === undefined || inputs.length > 1)
    throw new DataError("augmentation is shown of models with one input whose graph is known");
  let [last, shown]: [SymbolicTensor, SymbolicTensor] = [input, input];
  const calls = learner.layers.flatMap((layer) => learner.callsOf(layer));
  for (;;) {
    const [next, ...others] = calls.filter((call) => leavesOf(call.inputs, isSymbolic).includes(last));
    const output =
      next?.outputs.length === 1 && next.layer.trainableVariables.length === 0 ? next.outputs[0] : undefined;
    if (next === undefined || output === undefined || others.length > 0 || leavesOf(next.inputs, isSymbolic).length > 1)
      break;
    last = output;
    if (last.shape.length === input.shape.length) shown = last;
  }
  if (shown === input)
    throw new DataError("the first layer of this model learns: nothing changes the examples before it");
  return model(input, shown, { name: "front" });
}
