import { ArgumentError } from "../base/errors.ts";
import { writeFileAtomically } from "./file.ts";
import { encodeSafeTensors, type StoredTensor } from "./safetensors.ts";

/** A tensor that is fetched when its turn comes. */
export interface PendingTensor {
  readonly name: string;
  readonly bytes: number;
  read(): Promise<StoredTensor>;
}

export const indexEnding = ".safetensors.index.json";

/**
 * Writes tensors to several files of at most `maxShardBytes` each (a larger tensor has one of its own), and the index that names
 * the file of each tensor, as Hugging Face's libraries do. `path` is the index's: "model.safetensors.index.json". One shard is
 * in memory at a time; the index comes last, so that a file that was left half done is never taken for a whole one.
 */
export async function writeShards(
  path: string,
  tensors: readonly PendingTensor[],
  maxShardBytes: number,
): Promise<void> {
  if (!path.endsWith(indexEnding))
    throw new ArgumentError({
      what: `shards are written beside their index, whose name ends in ${indexEnding}`,
      hint: `received "${path}"`,
    });
  if (!(Number.isSafeInteger(maxShardBytes) && maxShardBytes > 0))
    throw new ArgumentError(`maxShardBytes must be a positive whole number, received ${maxShardBytes}`);
  const shards = packed(tensors, maxShardBytes);
  const stem = path.slice(0, -indexEnding.length);
  const five = (number: number): string => String(number).padStart(5, "0");
  const names = shards.map((_, index) => `${stem}-${five(index + 1)}-of-${five(shards.length)}.safetensors`);
  const weightMap: Record<string, string> = Object.create(null); // any name can be a key
  for (const [index, shard] of shards.entries()) {
    const held = new Map<string, StoredTensor>();
    for (const { name, read } of shard) held.set(name, await read());
    await writeFileAtomically(names[index]!, encodeSafeTensors({ tensors: held, metadata: { format: "pt" } }));
    for (const { name } of shard) weightMap[name] = names[index]!.split(/[/\\]/).at(-1)!;
  }
  const total = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  await writeFileAtomically(path, JSON.stringify({ metadata: { total_size: total }, weight_map: weightMap }, null, 2));
}

/** Tensors in their order, as many in a shard as fit. */
function packed(tensors: readonly PendingTensor[], limit: number): PendingTensor[][] {
  const shards: PendingTensor[][] = [[]];
  let size = 0;
  for (const tensor of tensors) {
    if (size > 0 && size + tensor.bytes > limit) {
      shards.push([]);
      size = 0;
    }
    shards.at(-1)!.push(tensor);
    size += tensor.bytes;
  }
  return shards;
}
