export { type AudioFolderOptions, audioDatasetFromDirectory } from "./folder.ts";
export { resampleSound } from "./resample.ts";
export { type MelOptions, melSpectrogram, melWeights, type StftOptions, spectrogram, stft } from "./spectrogram.ts";
