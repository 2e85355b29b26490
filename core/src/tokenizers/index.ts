export type { TokenizerJson } from "./json.ts";
export {
  type BatchOptions,
  type EncodedBatch,
  type EncodeOptions,
  type Encoding,
  loadTokenizer,
  Tokenizer,
  tokenizer,
} from "./tokenizer.ts";
export { type TrainOptions, trainBpe } from "./train.ts";
