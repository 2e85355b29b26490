import { ArgumentError } from "../../base/errors.ts";
import { blobSource, decodeWav, openFile } from "../../formats/index.ts";
import type { FolderOptions } from "../folders/classes.ts";
import { type FolderResult, folderDataset, type OnError } from "../folders/dataset.ts";
import type { FolderFile, FolderLike } from "../folders/listing.ts";
import { NdArray } from "../ndarray.ts";
import { resampleSound } from "./resample.ts";

export interface AudioFolderOptions extends FolderOptions {
  /** Times a second that all sounds are brought to. Default: those of each file. */
  readonly samplingRate?: number | undefined;
  /** Samples that each sound is cut or filled up to. Default: each batch has the length of its longest. */
  readonly outputSequenceLength?: number | undefined;
  /** What to do with a file that cannot be read. Default "throw". */
  readonly onError?: OnError | undefined;
}

const endings = [".wav"] as const;
/** Files that are read at once: the disk is waited for, not the decoder. */
const parallel = 8;

/**
 * Batches of the sounds of a folder of WAV files, of which each folder is a class: `{ x, y }`, x of f32 from −1 to 1, [batch,
 * samples, channels]. Files, their order and the split are those of Keras's `audio_dataset_from_directory`.
 */
export async function audioDatasetFromDirectory<const O extends AudioFolderOptions = Record<never, never>>(
  folder: FolderLike,
  options: O = {} as O, // no options are options
): Promise<FolderResult<O, NdArray>> {
  const name = "audioDatasetFromDirectory";
  for (const key of ["samplingRate", "outputSequenceLength"] as const) {
    const value = options[key];
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      throw new ArgumentError(`${name}: ${key} must be a whole number above 0, received ${value}`);
  }
  return folderDataset(folder, options, {
    name,
    endings,
    onError: options.onError,
    parallel,
    read: (file) => readSound(file, options),
    join: (sounds) => joined(sounds, name),
  });
}

async function readSound({ path, from }: FolderFile, options: AudioFolderOptions): Promise<NdArray> {
  const sound = decodeWav(await bytesOf(from), path);
  const { samples, channels } = options.samplingRate === undefined ? sound : resampleSound(sound, options.samplingRate);
  const length = options.outputSequenceLength ?? samples.length / channels;
  return new NdArray(cut(samples, length * channels), [length, channels]);
}

async function bytesOf(from: FolderFile["from"]): Promise<Uint8Array> {
  if (from instanceof URL) return new Uint8Array(await (await fetch(from)).arrayBuffer());
  const source = typeof from === "string" ? await openFile(from) : blobSource(from);
  try {
    return await source.read(0, source.size);
  } finally {
    await source.close();
  }
}

/** The first `length` values, and zeros where there are none. */
function cut(values: Float32Array, length: number): Float32Array {
  if (values.length >= length) return values.subarray(0, length);
  const filled = new Float32Array(length);
  filled.set(values);
  return filled;
}

/** Sounds of one length: that of the longest. */
function joined(sounds: readonly NdArray[], name: string): NdArray {
  const channels = sounds[0]!.shape[1]!; // a batch has a first one, and sounds have channels
  const odd = sounds.find(({ shape }) => shape[1] !== channels);
  if (odd !== undefined) {
    throw new ArgumentError({
      what: `${name}: a sound of ${odd.shape[1]} channels cannot be in a batch with one of ${channels}`,
      hint: "bring all files to the same number of channels, or take batchSize: null and map them",
    });
  }
  const length = Math.max(...sounds.map((sound) => sound.length));
  const values = new Float32Array(sounds.length * length * channels);
  for (const [row, { data }] of sounds.entries()) values.set(data, row * length * channels);
  return new NdArray(values, [sounds.length, length, channels]);
}
