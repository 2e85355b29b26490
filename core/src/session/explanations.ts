import { gradient } from "../autodiff/index.ts";
import { DataError } from "../base/errors.ts";
import type { NdArray } from "../data/index.ts";
import { Model } from "../model/index.ts";
import { leavesOf, type Structure, valuesOf } from "../nn/index.ts";
import { bytesSlice, type Slice } from "../record/index.ts";
import { jit, maximum, Tensor, tensor } from "../tensor/index.ts";
import type { Attended } from "../train/index.ts";
import { upload } from "./examples.ts";
import { diagramLayers } from "./graph.ts";

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
const firstOf = (outputs: unknown): Tensor =>
  leavesOf(outputs as Structure<Tensor>, isTensor).map((each) => valuesOf(each))[0] as Tensor; // layers give at least one

/**
 * What speaks for a class (the largest one, unless said), for an input of one example: its logit against the mean of all. Of
 * probabilities that is log p against the mean of the logarithms, which does not flatten out where the model is sure.
 */
function scoreOf(output: Tensor, wanted: number | undefined, kind: OutputKind): Tensor {
  const size = output.shape.at(-1) ?? 1;
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 0 && wanted < size))
    throw new DataError(`the model has classes 0 to ${size - 1}, received ${wanted}`);
  const logits = (kind === "probabilities" ? maximum(output, smallest).log() : output).cast("f32").reshape([size]);
  const own = wanted === undefined ? logits.max() : logits.mul(tensor(mark(size, wanted))).sum();
  return own.sub(logits.mean()) as Tensor;
}

/** What the numbers of the model's output are. */
export type OutputKind = "probabilities" | "logits";
const smallest = 1e-30;
const mark = (size: number, place: number): Float32Array =>
  Float32Array.from({ length: size }, (_, at) => Number(at === place));

/** What the model looks at: |∂ score / ∂ input|, the largest of the channels (Simonyan et al. 2013). */
export async function saliency(training: Attended, input: NdArray, kind: OutputKind, wanted?: number): Promise<Slice> {
  if (input.dtype !== "f32") throw new DataError("inputs that are whole numbers have no gradient");
  const { model } = training;
  const program = jit(
    (x: Tensor) => {
      const score = scoreOf(firstOf(model.compute(x, { training: false })), wanted, kind);
      const [g] = gradient(score.node, [x.node]);
      const size = new Tensor(g!).abs(); // one gradient for one input
      return (size.rank === 4 ? size.max(-1) : size) as Tensor;
    },
    { name: `${model.name}/saliency` },
  );
  return picture(program(upload(input)), { key: "asked", role: "saliency" }, () => program.dispose());
}

/** relu(Σ α·A), where A is what a convolution gives and α the mean of ∂ score / ∂ A over its places (Selvaraju et al. 2017). */
export async function gradCam(
  training: Attended,
  input: NdArray,
  kind: OutputKind,
  wanted?: number,
  layer?: string,
): Promise<Slice> {
  const { model } = training;
  if (!(model instanceof Model)) throw new DataError("the layers of this model are not known");
  const ids = diagramLayers(model);
  let chosen = layer;
  const program = jit(
    (x: Tensor) => {
      const maps: [string, Tensor][] = [];
      const seen = (each: object, outputs: unknown): void => {
        const id = ids.get(each);
        const result = firstOf(outputs);
        if (id !== undefined && result.rank === 4) maps.push([id, result]);
      };
      const score = scoreOf(firstOf(model.compute(x, { training: false, seen })), wanted, kind);
      // The last one, unless said: it knows most of what the picture shows.
      const found = layer === undefined ? maps.at(-1) : maps.find(([id]) => id === layer);
      if (found === undefined)
        throw new DataError(layer === undefined ? "the model has no feature maps" : `"${layer}" gives no feature maps`);
      chosen = found[0];
      const map = found[1];
      const g = new Tensor(gradient(score.node, [map.node])[0]!); // one gradient for one map
      const alpha = g.mean([1, 2], { keepDims: true });
      return maximum(map.mul(alpha).sum(-1), 0) as Tensor;
    },
    { name: `${model.name}/gradCam` },
  );
  const made = program(upload(input));
  return picture(made, { key: "asked", role: "gradCam", layer: chosen! }, () => program.dispose()); // the program was traced
}

async function picture(
  made: Tensor,
  head: { readonly key: string; readonly role: "saliency" | "gradCam"; readonly layer?: string },
  done: () => void,
): Promise<Slice> {
  const values = (await made.data()) as Float32Array; // of floats
  done();
  return bytesSlice({ ...head, shape: made.shape.slice(1) }, values);
}
