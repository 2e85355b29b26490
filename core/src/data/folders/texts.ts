import { readFile } from "../../formats/index.ts";
import type { FolderOptions } from "./classes.ts";
import { type FolderResult, folderDataset, type OnError } from "./dataset.ts";
import { bytesOf } from "./decode.ts";
import type { FolderLike } from "./listing.ts";

export interface TextFolderOptions extends FolderOptions {
  /** Longer texts are cut off after so many characters. Default: none is. */
  readonly maxLength?: number | null | undefined;
  /** What to do with a file that cannot be read. Default "throw". */
  readonly onError?: OnError | undefined;
  /** Files that are read at once. Default 16. */
  readonly parallel?: number | undefined;
}

/** Single texts, or lists of those of a batch. */
type TextsOf<O> = O extends { readonly batchSize: null } ? string : readonly string[];

/**
 * Batches of the texts of a folder, of which each folder is a class: `{ x, y }`, x a list of texts. Files, their order and the
 * split into training and validation are those of Keras's `text_dataset_from_directory`.
 */
export function textDatasetFromDirectory<const O extends TextFolderOptions = Record<never, never>>(
  folder: FolderLike,
  options: O = {} as O, // no options are options
): Promise<FolderResult<O, TextsOf<O>>> {
  const { maxLength } = options;
  const decoder = new TextDecoder("utf-8");
  const made = folderDataset<string, O>(folder, options, {
    name: "textDatasetFromDirectory",
    endings: [".txt"],
    onError: options.onError,
    parallel: options.parallel ?? 16,
    read: async ({ from }) => {
      const text = decoder.decode(typeof from === "string" ? await readFile(from) : await bytesOf(from));
      return maxLength === null || maxLength === undefined ? text : text.slice(0, maxLength);
    },
    join: (texts) => texts,
  });
  return made as Promise<unknown> as Promise<FolderResult<O, TextsOf<O>>>; // `join` makes lists of them
}
