export * from "./melSpectrogramLayer.ts";
export * from "./stftSpectrogram.ts";
