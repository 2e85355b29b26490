import type { NdArray } from "../data/index.ts";
import { cacheFolder, type FetchOptions, fetchSource } from "../download/index.ts";
import type { ByteSource } from "../formats/index.ts";
import type { RemoteFile } from "./catalogue.ts";

/** Examples and what is to be learnt of them. */
export interface Split<X = NdArray> {
  readonly x: X;
  readonly y: NdArray;
}

/** A known data set, in the parts in which it is published. */
export interface Splits<X = NdArray> {
  readonly train: Split<X>;
  readonly test: Split<X>;
}

/** How many examples a stand-in has, and which. */
export interface SyntheticOptions {
  readonly seed?: number;
  /** Examples to train on. Default: as many as the real data set has. */
  readonly train?: number;
  readonly test?: number;
}

/** Where a known data set comes from. */
export interface KnownOptions extends Omit<FetchOptions, "checksum" | "name"> {
  /**
   * Made-up data of the same shapes, types and ranges instead of the real one, which can be learnt: for tests, and where
   * there is no connection.
   */
  readonly synthetic?: boolean | SyntheticOptions | undefined;
}

/** What to make up, or undefined where the real data is wanted. */
export function syntheticOf(
  { synthetic = false }: KnownOptions,
  sizes: { readonly train: number; readonly test: number },
): Required<SyntheticOptions> | undefined {
  if (synthetic === false) return undefined;
  return { seed: 1, ...sizes, ...(synthetic === true ? {} : synthetic) };
}

/** Where the files of known data sets are kept. */
export const datasetsFolder = ({ folder }: KnownOptions): string => folder ?? `${cacheFolder()}/datasets`;

/** The bytes of a file of a known data set: kept in the cache, fetched when they are not there. */
export function fileOf({ url, name, checksum }: RemoteFile, options: KnownOptions): Promise<ByteSource> {
  const { synthetic: _, ...rest } = options;
  return fetchSource(url, { ...rest, folder: datasetsFolder(options), name, checksum });
}

/** Does something with the bytes of a file, and closes it. */
export async function withFile<T>(
  file: RemoteFile,
  options: KnownOptions,
  work: (bytes: ByteSource) => Promise<T>,
): Promise<T> {
  const bytes = await fileOf(file, options);
  try {
    return await work(bytes);
  } finally {
    await bytes.close();
  }
}
