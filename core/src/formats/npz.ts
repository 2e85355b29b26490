import { ArgumentError } from "../base/errors.ts";
import { memoryLimit } from "./archive/entry.ts";
import { entryBytes } from "./archive/open.ts";
import { zipEntries } from "./archive/zip.ts";
import { type ByteSource, bytesSource } from "./byteSource.ts";
import { decodeNpy, encodeNpy, type NumpyArray } from "./npy.ts";

/** The part of the package `fflate` that is used: files are read without it. */
interface Zip {
  zipSync(files: Record<string, Uint8Array>, options: { readonly level: number; readonly mtime: Date }): Uint8Array;
}

async function zip(): Promise<Zip> {
  // Not a literal, so that bundlers leave the optional package alone.
  const specifier = "fflate";
  try {
    return (await import(/* @vite-ignore */ specifier)) as Zip; // the package's documented interface
  } catch {
    throw new ArgumentError({
      what: "npz: the package fflate, which packs zip files, is missing",
      hint: "npm install fflate",
    });
  }
}

export interface NpzOptions {
  /** Bytes that all arrays together may have when unpacked: a small file can claim to hold any amount. Default: twice the file and 64 MiB. */
  readonly limitBytes?: number;
}

/** Files of the same content are the same bytes: the zip format's first day. */
const noTime = new Date(1980, 0, 1);

/** The arrays in the bytes of an `.npz` file, by name. */
export async function decodeNpz(
  file: Uint8Array,
  options: NpzOptions = {},
  source = "the file",
): Promise<Map<string, NumpyArray>> {
  const members = await npzMembers(bytesSource(file), options, source);
  return new Map(Array.from(members, ([name, bytes]) => [name, decodeNpy(bytes, `${source}: ${name}.npy`)]));
}

/** The `.npy` files in an `.npz` file, by the names of their arrays. */
export async function npzMembers(
  file: ByteSource,
  { limitBytes = memoryLimit(file.size) }: NpzOptions = {},
  source = "the file",
): Promise<Map<string, Uint8Array>> {
  const members = new Map<string, Uint8Array>();
  for await (const entry of zipEntries(file, source, { limitBytes })) {
    if (entry.name.endsWith(".npy")) members.set(entry.name.slice(0, -".npy".length), await entryBytes(entry));
  }
  return members;
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
