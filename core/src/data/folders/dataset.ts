import { DataError } from "../../base/errors.ts";
import { Dataset } from "../dataset.ts";
import { stack } from "../element.ts";
import { NdArray } from "../ndarray.ts";
import { batches } from "../stages/batch.ts";
import { type Classified, classify, type FolderOptions, type LabelMode, partOfClassified, seedOf } from "./classes.ts";
import type { FolderFile, FolderLike } from "./listing.ts";

/** An example of a folder; without labels it has no `y`. */
export type FolderExample<O, X> = O extends { readonly labels: null } | { readonly labelMode: null }
  ? { readonly x: X }
  : { readonly x: X; readonly y: NdArray };

/** A data set of files, which knows them. */
export type FolderDataset<T> = Dataset<T> & {
  readonly classNames: readonly string[];
  readonly filePaths: readonly string[];
  /** Files that could not be read, and why; only with `onError: "skip"`. Grows while the data set is gone through. */
  readonly broken: ReadonlyMap<string, string>;
};

/** One data set, or those of both parts. */
export type FolderResult<O, X> = O extends { readonly subset: "both" }
  ? readonly [training: FolderDataset<FolderExample<O, X>>, validation: FolderDataset<FolderExample<O, X>>]
  : FolderDataset<FolderExample<O, X>>;

/** What to do with a file that cannot be read. */
export type OnError = "throw" | "skip";

/** How one kind of file is read. */
export interface FolderReader<X> {
  /** The function that users call, in messages. */
  readonly name: string;
  readonly endings: readonly string[];
  readonly onError?: OnError | undefined;
  /** Files that are read at once. */
  readonly parallel: number;
  read(file: FolderFile): Promise<X>;
  /** What a single example has of what was read. */
  single?(x: X): X;
  /** What a batch has of what was read. */
  join(values: readonly X[]): unknown;
}

/** The data set of a folder. */
export async function folderDataset<X, const O extends FolderOptions>(
  folder: FolderLike,
  options: O,
  reader: FolderReader<X>,
): Promise<FolderResult<O, X>> {
  const all = await classify(reader.name, folder, reader.endings, options);
  const { validationSplit, subset, shuffle = true } = options;
  const make = (files: Classified, isShuffled: boolean) => datasetOf(files, options, reader, isShuffled);
  if (validationSplit === undefined || subset === undefined) return make(all, shuffle) as FolderResult<O, X>; // no subset
  const part = (which: "training" | "validation"): Classified => {
    const found = partOfClassified(all, validationSplit, which);
    if (found.files.length > 0) return found;
    throw new DataError({
      what: `${reader.name}: validationSplit ${validationSplit} of ${all.files.length} files leaves none for ${which}`,
      hint: "take another split, or more files",
    });
  };
  if (subset !== "both") return make(part(subset), shuffle) as FolderResult<O, X>; // one part
  return [make(part("training"), shuffle), make(part("validation"), false)] as unknown as FolderResult<O, X>; // both parts
}

function datasetOf<X>(
  { files, labels, classNames }: Classified,
  options: FolderOptions,
  { name, read, single = (x) => x, join, parallel, onError = "throw" }: FolderReader<X>,
  isShuffled: boolean,
): FolderDataset<unknown> {
  const broken = new Map<string, string>();
  const { batchSize = 32 } = options;
  const labelOf = labels && encoder(options.labelMode ?? "int", classNames.length);
  const load = async (index: number) => {
    const file = files[index]!;
    try {
      const x = batchSize === null ? single(await read(file)) : await read(file);
      return labelOf === undefined ? { x } : { x, y: labelOf(labels![index]!) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (onError === "skip") {
        broken.set(file.path, why);
        return undefined;
      }
      throw unreadable(name, file, why);
    }
  };
  const numbers = Dataset.from(files.map((_, index) => index));
  const ordered = isShuffled ? numbers.shuffle(undefined, { seed: seedOf(options) }) : numbers;
  const loaded = ordered.map(load, { parallel });
  const examples = onError === "skip" ? loaded.filter((example) => example !== undefined) : loaded;
  /** Values are joined by who knows them, labels as `batch` does it. */
  const collate = (elements: readonly unknown[], first: number) => {
    const found = elements as readonly { readonly x: X; readonly y?: NdArray }[]; // of load
    const x = join(found.map((example) => example.x));
    return labelOf === undefined
      ? { x }
      : {
          x,
          y: stack(
            found.map(({ y }) => y),
            first,
          ),
        };
  };
  const joined =
    batchSize === null ? examples : new Dataset(batches("batch", examples.plan, batchSize, false, collate));
  const filePaths = files.map(({ path, from }) => (typeof from === "string" ? from : path));
  return Object.assign(joined as Dataset<unknown>, { classNames, filePaths, broken });
}

/** A label as the mode says it. */
function encoder(mode: LabelMode, classes: number): (label: number) => NdArray {
  if (mode === "categorical") {
    return (label) => {
      const vector = new Float32Array(classes);
      vector[label] = 1;
      return new NdArray(vector);
    };
  }
  if (mode === "binary") return (label) => new NdArray(Float32Array.of(label), [1]);
  return (label) => new NdArray(Int32Array.of(label), []);
}

const unreadable = (name: string, { path, from }: FolderFile, why: string): DataError =>
  new DataError({
    what: `${name}: cannot read ${path}: ${why.split("\n")[0]}`,
    ...(typeof from === "string" ? { details: [{ role: "file", value: from }] } : {}),
    hint: 'mend or remove the file, or leave such files out: { onError: "skip" }',
  });
