import { createHash } from "node:crypto";
import type { NdArray } from "../../data/index.ts";
import type { Model } from "../../model/index.ts";

export interface Predictions {
  /** [examples, 10] */
  readonly probabilities: Float32Array;
  /** The likeliest class of each example. */
  readonly classes: Int32Array;
}

/** What the model says about images. */
export async function predictions(model: Model, images: NdArray, signal: AbortSignal): Promise<Predictions> {
  const output = await model.predict(images, { batchSize: 100, signal });
  const probabilities = Float32Array.from(await output.data());
  const width = probabilities.length / images.length;
  const classes = Int32Array.from({ length: images.length }, (_, index) => {
    const row = probabilities.subarray(index * width, (index + 1) * width);
    return row.indexOf(Math.max(...row));
  });
  return { probabilities, classes };
}

/** SHA-256 over the bits, shortened to 64 bits: two runs agree exactly when these agree. */
export const fingerprint = ({ probabilities: { buffer, byteOffset, byteLength } }: Predictions): string =>
  createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex")
    .slice(0, 16);
