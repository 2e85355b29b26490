import { DataError } from "../base/errors.ts";
import { type BlobLike, type ByteSource, blobSource, openFile } from "./byteSource.ts";
import { readFile } from "./file.ts";
import {
  broken,
  headerEnd,
  prefixBytes,
  readHeader,
  type StoredTensor,
  type TensorPlace,
  tensorAt,
} from "./safetensors.ts";
import { indexEnding } from "./writeSafeTensors.ts";

/** An open .safetensors file, or several that an index joins: tensors are read one at a time, when they are asked for. */
export interface OpenSafeTensors {
  /** What there is, and where; nothing of it has been read. */
  readonly entries: ReadonlyMap<string, Pick<TensorPlace, "dtype" | "shape">>;
  readonly metadata: Readonly<Record<string, string>>;
  /** The tensor of this name; a DataError names the nearest when there is none. */
  read(name: string): Promise<StoredTensor>;
  close(): Promise<void>;
}

/**
 * Opens a file by its path or as a Blob: only the header is read, so files of any size open at once. A path that ends in
 * `.safetensors.index.json` opens the shards that lie beside it.
 */
export async function openSafeTensors(file: string | BlobLike): Promise<OpenSafeTensors> {
  if (typeof file !== "string") return openSource(blobSource(file), "the file");
  return file.endsWith(indexEnding) ? openShards(file) : openSource(await openFile(file), file);
}

async function openSource(bytes: ByteSource, source: string): Promise<OpenSafeTensors> {
  try {
    const end = headerEnd(await bytes.read(0, Math.min(prefixBytes, bytes.size)), bytes.size, source);
    const text = await bytes.read(prefixBytes, end - prefixBytes);
    const { entries, metadata } = readHeader(text, bytes.size - end, source);
    return {
      entries,
      metadata,
      close: () => bytes.close(),
      read: async (name) => {
        const place = found(entries, name, source);
        return tensorAt(name, place, await bytes.read(end + place.start, place.stop - place.start), source);
      },
    };
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

function found<T>(entries: ReadonlyMap<string, T>, name: string, source: string): T {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  const names = [...entries.keys()].slice(0, 8).join(", ");
  throw new DataError({
    what: `${source}: there is no tensor "${name}"`,
    hint: `it holds ${entries.size}: ${names}${entries.size > 8 ? ", …" : ""}`,
  });
}

/** Shards that are open at the same time. */
const openAtOnce = 16;

/** The index of Hugging Face's sharded checkpoints: `{ "metadata": {…}, "weight_map": { tensor: file } }`. */
async function openShards(path: string): Promise<OpenSafeTensors> {
  const index = parseIndex(await readFile(path), path);
  const folder = path.slice(0, path.length - lastPart(path).length);
  const shards = new Map<string, OpenSafeTensors>();
  const close = async (): Promise<void> => {
    for (const shard of shards.values()) await shard.close();
  };
  try {
    const entries = new Map<string, Pick<TensorPlace, "dtype" | "shape">>();
    const names = [...new Set(index.values())];
    for (const name of names) {
      const shard = await openSource(await openFile(`${folder}${name}`), `${folder}${name}`);
      shards.set(name, shard);
      // More would be too many open files for some systems: the header is kept, the file is opened again.
      if (names.length > openAtOnce) await shard.close();
    }
    for (const [tensor, file] of index) entries.set(tensor, found(shards.get(file)!.entries, tensor, file));
    return {
      entries,
      metadata: {},
      close: names.length > openAtOnce ? async () => {} : close,
      read: async (tensor) => {
        found(entries, tensor, path);
        const file = index.get(tensor)!;
        if (names.length <= openAtOnce) return shards.get(file)!.read(tensor);
        const shard = await openSource(await openFile(`${folder}${file}`), `${folder}${file}`);
        try {
          return await shard.read(tensor);
        } finally {
          await shard.close();
        }
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const lastPart = (path: string): string => path.split(/[/\\]/).at(-1)!;

/** Which file beside the index holds each tensor. A name that could lead out of the folder is refused. */
function parseIndex(bytes: Uint8Array, source: string): Map<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw broken(source, "the index is not JSON");
  }
  const map = (parsed as { readonly weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== "object" || map === null || Array.isArray(map))
    throw broken(source, 'the index has no "weight_map" that names a file for each tensor');
  return new Map(
    Object.entries(map).map(([tensor, file]) => {
      if (typeof file !== "string" || lastPart(file) !== file || !file.endsWith(".safetensors")) {
        throw broken(
          source,
          `tensor "${tensor.slice(0, 80)}" is said to be in ${JSON.stringify(file)?.slice(0, 80)}`,
          "shards lie beside their index, and are named without a folder",
        );
      }
      return [tensor, file];
    }),
  );
}
