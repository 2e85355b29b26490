import { DataError } from "../../base/errors.ts";
import { chunksOf } from "../../formats/index.ts";
import { Dataset } from "../dataset.ts";
import { fromLists } from "../stages/lists.ts";
import { type FileInput, listed, nameOf, openInput } from "./input.ts";

export interface TextLineOptions {
  /** Default "utf-8"; all that TextDecoder knows. */
  readonly encoding?: string | undefined;
  /** Characters that a line may have. Default 64 Mi. */
  readonly longestLine?: number | undefined;
}

const usualLongest = 2 ** 26;

/** The lines of text files, one file after the other, without their ends. */
export function textLineDataset(
  files: FileInput | readonly FileInput[],
  options: TextLineOptions = {},
): Dataset<string> {
  return new Dataset(
    fromLists("textLineDataset", async function* () {
      for (const file of listed(files)) yield* linesOf(file, "textLineDataset", options);
    }),
  );
}

/** The text of a file in pieces. */
export async function* textOf(file: FileInput, encoding = "utf-8"): AsyncGenerator<string> {
  const source = await openInput(file);
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decoded = (bytes: Uint8Array | undefined): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw new DataError({
        what: `${nameOf(file)}: the file is no text in ${encoding}`,
        hint: 'name its encoding: { encoding: "windows-1252" }',
      });
    }
  };
  try {
    for await (const bytes of chunksOf(source)) yield decoded(bytes);
    yield decoded(undefined);
  } finally {
    await source.close();
  }
}

/** The lines of a file, in lists as they come. */
export async function* linesOf(
  file: FileInput,
  stage: string,
  { encoding, longestLine = usualLongest }: TextLineOptions = {},
): AsyncGenerator<readonly string[]> {
  let rest = "";
  for await (const text of textOf(file, encoding)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!; // split gives at least one
    if (rest.length > longestLine) {
      throw new DataError({
        what: `${stage}: ${nameOf(file)} has a line of more than ${longestLine} characters`,
        hint: "if that is right, allow more: { longestLine }",
      });
    }
    yield lines.map(withoutReturn);
  }
  if (rest !== "") yield [withoutReturn(rest)];
}

const withoutReturn = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line);
