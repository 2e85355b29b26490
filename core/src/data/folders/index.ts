export type { FolderOptions, LabelMode } from "./classes.ts";
export type { FolderDataset, FolderExample, FolderResult, OnError } from "./dataset.ts";
export type { ColorMode, Interpolation } from "./decode.ts";
export { type ImageFolderOptions, imageDatasetFromDirectory } from "./images.ts";
export type { FileLike, FolderLike } from "./listing.ts";
export { type TextFolderOptions, textDatasetFromDirectory } from "./texts.ts";
