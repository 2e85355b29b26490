import { demandKind, demandKinds, type KindsOf } from "../../base/kinds.ts";
import { appendToFile, readFile, writeFileAtomically } from "../../formats/index.ts";
import { prefixed } from "../objective.ts";
import type { Callback, Logs } from "./callback.ts";

export interface CsvLoggerOptions {
  /** Default ",". */
  readonly separator?: string | undefined;
  /** Goes on with a file that is there, instead of beginning it again. Default false. */
  readonly append?: boolean | undefined;
}

const kinds: KindsOf<CsvLoggerOptions> = { separator: "text", append: "flag" };

/** Writes the figures of each epoch as a line of a CSV file: epoch (from 0), then the figures by name. */
export function csvLogger(path: string, options: CsvLoggerOptions = {}): Callback {
  demandKind("csvLogger: the path", path, "text");
  demandKinds("csvLogger", options, kinds);
  const { separator = ",", append = false } = options;
  /** Names of the columns after "epoch"; known once the file has been begun. */
  let columns: readonly string[] | undefined;
  let resumed = false;

  /** Begins the file, or takes up the one that is there without the lines of epochs that are trained again. */
  const begin = async (epoch: number, logs: Logs): Promise<readonly string[]> => {
    const known = append || resumed ? await lines(path) : [];
    const [head, ...rows] = known;
    const names = head === undefined ? columnsOf(logs) : head.split(separator).slice(1);
    const kept = resumed ? rows.filter((row) => Number(row.split(separator)[0]) < epoch) : rows;
    const text = [["epoch", ...names].join(separator), ...kept].map((line) => `${line}\n`).join("");
    await writeFileAtomically(path, text);
    return names;
  };
  return {
    onTrainBegin: () => {
      columns = undefined;
      resumed = false;
    },
    onEpochEnd: async (epoch, logs) => {
      columns ??= await begin(epoch, logs);
      const figures = columns.map((name) => (logs[name] === undefined ? "NA" : String(logs[name])));
      await appendToFile(path, `${[epoch, ...figures].join(separator)}\n`);
    },
    state: () => ({ values: null }),
    restore: () => {
      resumed = true;
    },
  };
}

/** The figures by name; where none of a validation are there yet, it has columns all the same, as in Keras. */
function columnsOf(logs: Logs): string[] {
  const names = Object.keys(logs).sort();
  const validated = names.some((name) => /^val[^a-z]/.test(name));
  return validated ? names : [...names, ...names.map((name) => prefixed("val", name))];
}

/** The lines of a file; none where there is no such file. */
async function lines(path: string): Promise<readonly string[]> {
  try {
    return new TextDecoder()
      .decode(await readFile(path))
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return [];
  }
}
