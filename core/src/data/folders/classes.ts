import { ArgumentError, DataError } from "../../base/errors.ts";
import { randomSeed } from "../../tensor/index.ts";
import { numpyRandom } from "../mersenne.ts";
import { type FolderFile, type FolderLike, listFiles } from "./listing.ts";

/** How a label is told: its number, a vector with a one at its place, 0 or 1 of two classes, or not at all. */
export type LabelMode = "int" | "categorical" | "binary" | null;

/** What all data sets of folders have in common; names and defaults are those of Keras. */
export interface FolderOptions {
  /** What the classes are: the folder's folders, nothing, or a label for each file in the order of their paths. */
  readonly labels?: "inferred" | null | readonly number[] | undefined;
  readonly labelMode?: LabelMode | undefined;
  /** The folders to take, in the order of their labels. Default: all, in alphabetical order. */
  readonly classNames?: readonly string[] | undefined;
  /** Examples a batch; null for single examples. Default 32. */
  readonly batchSize?: number | null | undefined;
  /** Whether the files are in random order, another one each pass. Default true. */
  readonly shuffle?: boolean | undefined;
  /** Decides order and split, as NumPy's RandomState does. Default: of the library's own seed. */
  readonly seed?: number | undefined;
  /** The part that is kept for validation. */
  readonly validationSplit?: number | undefined;
  /** Which of both parts. */
  readonly subset?: "training" | "validation" | "both" | undefined;
  readonly followLinks?: boolean | undefined;
}

/** The files of a data set and what they are. */
export interface Classified {
  readonly files: readonly FolderFile[];
  /** Of each file; undefined without labels. */
  readonly labels: readonly number[] | undefined;
  /** Empty without labels. */
  readonly classNames: readonly string[];
}

/** The files of a folder with their labels, in the order that Keras's `*_dataset_from_directory` gives them. */
export async function classify(
  name: string,
  folder: FolderLike,
  endings: readonly string[],
  options: FolderOptions,
): Promise<Classified> {
  const mode = checkOptions(name, options);
  const listing = await listFiles(folder, endings, options.followLinks);
  const found = labelled(name, listing, options, mode);
  if (found.files.length === 0) {
    throw new DataError({
      what: `${name}: there are no files in ${typeof folder === "string" ? folder : "the list"}`,
      hint: `they must end in ${endings.join(", ")}${found.classNames.length === 0 ? "" : ", and lie in the folders of their classes"}`,
    });
  }
  if (mode === "binary" && found.classNames.length !== 2) {
    throw new ArgumentError({
      what: `${name}: labelMode "binary" needs exactly 2 classes, there are ${found.classNames.length}`,
      details: [{ role: "classes", value: found.classNames.join(", ") }],
      hint: 'labelMode: "int" takes any number of them',
    });
  }
  return (options.shuffle ?? true) ? reordered(found, seedOf(options)) : found;
}

/** The seed of orders and splits. */
export const seedOf = ({ seed }: FolderOptions): number => seed ?? randomSeed() % 4294967296;

function checkOptions(name: string, options: FolderOptions): LabelMode {
  const { labels = "inferred", labelMode = "int", classNames, validationSplit, subset, seed, shuffle = true } = options;
  const refuse = (what: string, hint: string): ArgumentError => new ArgumentError({ what: `${name}: ${what}`, hint });
  if (![null, "int", "categorical", "binary"].includes(labelMode))
    throw refuse(
      `labelMode ${JSON.stringify(labelMode)} is not known`,
      'known are "int", "categorical", "binary" and null',
    );
  if (classNames !== undefined && labels !== "inferred")
    throw refuse(
      "classNames name folders, but the labels are not taken from folders",
      'leave out "labels", or classNames',
    );
  if ((validationSplit === undefined) !== (subset === undefined))
    throw refuse("validationSplit and subset belong together", 'subset: "training", "validation" or "both"');
  if (validationSplit !== undefined && !(validationSplit > 0 && validationSplit < 1))
    throw refuse(`validationSplit must lie between 0 and 1, received ${validationSplit}`, "0.2 keeps a fifth");
  if (validationSplit !== undefined && subset !== "both" && shuffle && seed === undefined)
    throw refuse(
      "a split of shuffled files needs a seed, or both parts could have the same files",
      'give the same seed for both parts, or ask for subset: "both"',
    );
  return labels === null ? null : labelMode;
}

function labelled(
  name: string,
  { files, folders }: { files: readonly FolderFile[]; folders: readonly string[] },
  { labels = "inferred", classNames }: FolderOptions,
  mode: LabelMode,
): Classified {
  if (labels === null || mode === null) return { files, labels: undefined, classNames: [] };
  if (labels !== "inferred") {
    if (labels.length !== files.length)
      throw new ArgumentError(`${name}: there are ${labels.length} labels for ${files.length} files`);
    const names = [...new Set(labels)].sort((a, b) => a - b).map(String);
    return { files, labels, classNames: names };
  }
  const names = classNames ?? folders;
  const missing = names.find((each) => !folders.includes(each));
  if (missing !== undefined) {
    throw new ArgumentError({
      what: `${name}: there is no folder "${missing}"`,
      details: [{ role: "folders", value: folders.join(", ") }],
      hint: "classNames must name folders",
    });
  }
  const classed = names.map((each) => files.filter(({ path }) => path.startsWith(`${each}/`)));
  return {
    files: classed.flat(),
    labels: classed.flatMap((of, label) => of.map(() => label)),
    classNames: names,
  };
}

function reordered({ files, labels, classNames }: Classified, seed: number): Classified {
  const order = Array.from(numpyRandom(seed).permutation(files.length));
  return {
    files: order.map((index) => files[index]!),
    labels: labels && order.map((index) => labels[index]!),
    classNames,
  };
}

/** The files of one part: those for training come first. */
export function partOfClassified(
  { files, labels, classNames }: Classified,
  validationSplit: number,
  part: "training" | "validation",
): Classified {
  const count = files.length - Math.trunc(validationSplit * files.length);
  const cut = <T>(list: readonly T[]): readonly T[] => (part === "training" ? list.slice(0, count) : list.slice(count));
  return { files: cut(files), labels: labels && cut(labels), classNames };
}
