import { DataError } from "../../base/errors.ts";
import { type ByteSource, chunksOf, inflated } from "../../formats/index.ts";
import { Dataset } from "../dataset.ts";
import { fromLists } from "../stages/lists.ts";
import { type FileInput, listed, nameOf, openInput } from "./input.ts";

export interface TextLineOptions {
  /** All that TextDecoder knows. Default "utf-8", or the UTF-16 that a file's first bytes say. */
  readonly encoding?: string | undefined;
  /** Characters that a line may have. Default 16 Mi. */
  readonly longestLine?: number | undefined;
}

const usualLongest = 2 ** 24;

/** The lines of text files (also of those that gzip packed), one file after the other, without their ends. */
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

/** The text of a file in pieces; a file that gzip packed is unpacked as it is read, and says by itself whether it is UTF-16. */
export async function* textOf(file: FileInput, encoding?: string): AsyncGenerator<string> {
  const source = await openInput(file);
  try {
    let decode: ((bytes?: Uint8Array) => string) | undefined;
    for await (const bytes of bytesOf(source, nameOf(file))) {
      decode ??= decoderOf(encoding ?? markedEncoding(bytes), nameOf(file));
      yield decode(bytes);
    }
    if (decode !== undefined) yield decode();
  } finally {
    await source.close();
  }
}

async function* bytesOf(source: ByteSource, name: string): AsyncGenerator<Uint8Array> {
  const [first, second] = await source.read(0, Math.min(2, source.size));
  const isPacked = first === 0x1f && second === 0x8b;
  // Whoever reads it bounds what is held at a time, so any amount may come.
  yield* isPacked ? inflated(chunksOf(source), "gzip", Number.POSITIVE_INFINITY, name) : chunksOf(source);
}

/** What the mark at the beginning of a text says (the byte order mark of Unicode). */
function markedEncoding([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

function decoderOf(encoding: string, name: string): (bytes?: Uint8Array) => string {
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (bytes) => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw new DataError({
        what: `${name}: the file is no text in ${encoding}`,
        hint: 'name its encoding: { encoding: "windows-1252" }',
      });
    }
  };
}

/** The lines of a file, in lists as they come. */
export async function* linesOf(
  file: FileInput,
  stage: string,
  { encoding, longestLine = usualLongest }: TextLineOptions = {},
): AsyncGenerator<readonly string[]> {
  let rest = "";
  for await (const text of textOf(file, encoding)) {
    const lines = text.split("\n");
    lines[0] = rest + lines[0]!; // split gives at least one
    rest = lines.pop()!; // as above
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
