import { ArgumentError, DataError } from "../base/errors.ts";
import { decodeNpy, encodeNpy, type NumpyArray } from "./npy.ts";

/** The part of the package `fflate` that is used. */
interface Zip {
  unzipSync(
    file: Uint8Array,
    options: { filter(entry: { readonly name: string; readonly originalSize: number }): boolean },
  ): Record<string, Uint8Array>;
  zipSync(files: Record<string, Uint8Array>, options: { readonly level: number; readonly mtime: Date }): Uint8Array;
}

async function zip(): Promise<Zip> {
  // Not a literal, so that bundlers leave the optional package alone.
  const specifier = "fflate";
  try {
    return (await import(/* @vite-ignore */ specifier)) as Zip; // the package's documented interface
  } catch {
    throw new ArgumentError({
      what: "npz: the package fflate, which reads zip files, is missing",
      hint: "npm install fflate",
    });
  }
}

export interface NpzOptions {
  /** Bytes that all arrays together may have when unpacked: a small file can claim to hold any amount. Default 4 GiB. */
  readonly limitBytes?: number;
}

const usualLimit = 4 * 2 ** 30;
/** Deflate cannot pack better than this (RFC 1951: 258 bytes in 2 bits), so larger claims are false. */
const bestRatio = 1032;
/** Files of the same content are the same bytes: the zip format's first day. */
const noTime = new Date(1980, 0, 1);

/** The arrays in the bytes of an `.npz` file, by name; needs the package `fflate`. */
export async function decodeNpz(
  file: Uint8Array,
  { limitBytes = usualLimit }: NpzOptions = {},
  source = "the file",
): Promise<Map<string, NumpyArray>> {
  const { unzipSync } = await zip();
  let claimed = 0;
  const filter = ({ name, originalSize }: { readonly name: string; readonly originalSize: number }): boolean => {
    claimed += originalSize;
    if (claimed > limitBytes || originalSize > bestRatio * file.byteLength) {
      throw new DataError({
        what: `${source}: unpacked, "${name.slice(0, 80)}" would have ${originalSize} bytes`,
        hint: `the file is damaged or hostile; if it is neither, allow more than limitBytes = ${limitBytes}`,
      });
    }
    return name.endsWith(".npy");
  };
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(file, { filter });
  } catch (error) {
    if (error instanceof DataError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new DataError({
      what: `${source}: not a readable zip file: ${why}`,
      hint: "the file is damaged, or is no .npz file",
    });
  }
  return new Map(
    Object.entries(entries).map(([name, bytes]) => [
      name.slice(0, -".npy".length),
      decodeNpy(bytes, `${source}: ${name}`),
    ]),
  );
}

/** The bytes of an `.npz` file, stored as they are (as `numpy.savez`) or packed; needs the package `fflate`. */
export async function encodeNpz(
  arrays: ReadonlyMap<string, NumpyArray>,
  { compression = "none" }: { readonly compression?: "none" | "deflate" } = {},
): Promise<Uint8Array> {
  const { zipSync } = await zip();
  const entries = Object.fromEntries([...arrays].map(([name, array]) => [`${name}.npy`, encodeNpy(array)]));
  return zipSync(entries, { level: compression === "none" ? 0 : 6, mtime: noTime });
}
