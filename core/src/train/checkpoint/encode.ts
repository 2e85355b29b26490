import { crc32c } from "../../base/crc32c.ts";
import { DataError } from "../../base/errors.ts";
import { decodeSafeTensors, encodeSafeTensors, type StoredTensor } from "../../formats/index.ts";

/** What a checkpoint says besides its tensors. */
export interface CheckpointContent {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Plain JSON; untrusted when read. */
  readonly header: unknown;
}

/** The version of the format. */
const format = "1";

/** The bytes of a safetensors file that carries a checksum of all that it holds. */
export function encodeCheckpoint({ tensors, header }: CheckpointContent): Uint8Array {
  const text = JSON.stringify(header);
  const metadata = { checkpoint: text, checkpointFormat: format, checksum: checksumOf(tensors, text) };
  return encodeSafeTensors({ tensors, metadata });
}

/** Reads a checkpoint; one that is torn, changed or of another kind is a DataError. */
export function decodeCheckpoint(bytes: Uint8Array, source: string): CheckpointContent {
  const { tensors, metadata } = decodeSafeTensors(bytes, source);
  const { checkpoint: text, checkpointFormat, checksum } = metadata;
  if (text === undefined || checkpointFormat !== format)
    throw new DataError({
      what: `${source}: this is no checkpoint of a training, or one of another version`,
      hint: "go on from an earlier one, or begin again",
    });
  if (checksum !== checksumOf(tensors, text)) {
    throw new DataError({ what: `${source}: the checksum does not fit`, hint: "the file was changed or is damaged" });
  }
  return { tensors, header: JSON.parse(text) as unknown }; // the checksum says that it is what was written
}

/** Over names, types, shapes, bytes and the header, in the order of the file. */
function checksumOf(tensors: ReadonlyMap<string, StoredTensor>, header: string): string {
  const text = new TextEncoder();
  let crc = crc32c(text.encode(header));
  for (const [name, { dtype, shape, bytes }] of tensors) {
    crc = crc32c(text.encode(JSON.stringify([name, dtype, shape])), crc);
    crc = crc32c(bytes, crc);
  }
  return crc.toString(16).padStart(8, "0");
}
