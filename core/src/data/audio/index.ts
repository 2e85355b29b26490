export {
  type MelOptions,
  melSpectrogram,
  melWeights,
  type StftOptions,
  spectrogram,
  stft,
} from "../../nn/preprocessing/audio/spectrogram.ts";
export { type AudioFolderOptions, audioDatasetFromDirectory } from "./folder.ts";
export { resampleSound } from "./resample.ts";
