import { type BlobLike, type ByteSource, blobSource, bytesSource, openFile } from "../../formats/index.ts";

/** A file: its path, a Blob (such as a File that was dropped on a page), or its bytes. */
export type FileInput = string | BlobLike | Uint8Array;

export const openInput = async (input: FileInput): Promise<ByteSource> =>
  typeof input === "string" ? openFile(input) : input instanceof Uint8Array ? bytesSource(input) : blobSource(input);

/** What a file is called in messages. */
export const nameOf = (input: FileInput): string => {
  if (typeof input === "string") return input;
  const { name } = input as { readonly name?: unknown }; // a File has one
  return typeof name === "string" ? name : "the data";
};

export const listed = (inputs: FileInput | readonly FileInput[]): readonly FileInput[] =>
  Array.isArray(inputs) ? inputs : [inputs as FileInput];
