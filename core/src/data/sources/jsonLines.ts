import { DataError } from "../../base/errors.ts";
import { Dataset } from "../dataset.ts";
import { fromLists } from "../stages/lists.ts";
import { type FileInput, listed, nameOf } from "./input.ts";
import { linesOf, type TextLineOptions } from "./lines.ts";

/** The values of files with one JSON value a line; empty lines are left out. T is what the caller knows of them. */
export function jsonLinesDataset<T = unknown>(
  files: FileInput | readonly FileInput[],
  options: TextLineOptions = {},
): Dataset<T> {
  return new Dataset(
    fromLists<T>("jsonLinesDataset", async function* () {
      for (const file of listed(files)) {
        let number = 0;
        for await (const lines of linesOf(file, "jsonLinesDataset", options)) {
          const values: T[] = [];
          for (const line of lines) {
            number++;
            if (line.trim() !== "") values.push(parsed(line, number, file) as T); // the caller says so
          }
          yield values;
        }
      }
    }),
  );
}

function parsed(line: string, number: number, file: FileInput): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    throw new DataError({
      what: `jsonLinesDataset: ${nameOf(file)}, line ${number} is no JSON: ${(error as Error).message}`, // JSON.parse throws nothing else
      details: [{ role: "line", value: line.length > 60 ? `${line.slice(0, 60)}…` : line }],
      hint: "each line must hold one whole value",
    });
  }
}
