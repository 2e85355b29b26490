import { registerFunction } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";

const word = '"hard_sigmoid"';
const oldWord = '"legacy_hard_sigmoid"';

/**
 * The text of a config in which names mean what they mean in Keras 3. Keras 1 and 2 had another hard sigmoid, clip(0.2·x + 0.5, 0, 1)
 * (keras/activations.py of 2.15), which was the default of their oldest recurrent layers; Keras 3 has PyTorch's, relu6(x + 3) / 6.
 */
export function withOldNames(text: string, version: unknown): string {
  if (typeof version !== "string" || !/^[12]\./.test(version) || !text.includes(word)) return text;
  const line = (x: Tensor): Tensor => x.mul(0.2).add(0.5).clip(0, 1) as Tensor;
  registerFunction("activation", "legacyHardSigmoid", (x) => line(x as Tensor) as typeof x); // of any shape
  return text.replaceAll(word, oldWord);
}
