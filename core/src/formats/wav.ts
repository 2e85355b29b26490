import { ArgumentError, DataError } from "../base/errors.ts";

// The format: "Multimedia Programming Interface and Data Specifications 1.0" (IBM and Microsoft 1991) and its extension for more
// than two channels and 16 bits (WAVE_FORMAT_EXTENSIBLE): chunks of a name, a length and bytes; "fmt " before "data".

/** Sound: samples of all channels, one time after the other, [times, channels]. */
export interface Sound {
  /** From −1 to 1; floats of a file stay what they are. */
  readonly samples: Float32Array;
  readonly channels: number;
  /** Times a second. */
  readonly sampleRate: number;
}

const formats = { 1: "pcm", 3: "float" } as const;
type Format = (typeof formats)[keyof typeof formats];
const extensible = 0xfffe;
/** What other numbers mean, for messages. */
const otherFormats: Readonly<Record<number, string>> = {
  2: "ADPCM",
  6: "A-law",
  7: "µ-law",
  17: "IMA ADPCM",
  85: "MP3",
};

/** Reads one sample at a place of the bytes. */
type ReadSample = (view: DataView, at: number) => number;
const readers: Readonly<Record<Format, Readonly<Record<number, ReadSample>>>> = {
  pcm: {
    // Eight bits have no sign, all others have one.
    8: (view, at) => (view.getUint8(at) - 128) / 128,
    16: (view, at) => view.getInt16(at, true) / 32_768,
    24: (view, at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 8_388_608,
    32: (view, at) => view.getInt32(at, true) / 2_147_483_648,
  },
  float: { 32: (view, at) => view.getFloat32(at, true), 64: (view, at) => view.getFloat64(at, true) },
};

interface Layout {
  readonly read: ReadSample;
  readonly channels: number;
  readonly sampleRate: number;
  readonly bytesPerSample: number;
}

/** Programs that write as they record do not know the length, and say this. */
const unknownLength = 0xffffffff;

/** The sound in the bytes of a WAV file: PCM of 8, 16, 24 and 32 bits, floats of 32 and 64. */
export function decodeWav(file: Uint8Array, source = "the file"): Sound {
  const broken = (why: string, hint = "the file is damaged, or is no WAV file"): DataError =>
    new DataError({ what: `${source}: no readable WAV file: ${why}`, hint });
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const word = (at: number): string => String.fromCharCode(...file.subarray(at, at + 4));
  if (file.length < 12 || word(0) !== "RIFF" || word(8) !== "WAVE") throw broken("it does not begin like one");
  let layout: Layout | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const [name, claimed] = [word(at), view.getUint32(at + 4, true)];
    const start = at + 8;
    const rest = file.length - start;
    const length = name === "data" && claimed === unknownLength ? rest : claimed;
    if (length > rest)
      throw broken(
        `its part "${name.replace(/[^ -~]/g, "?")}" would have ${length} bytes, but ${rest} follow`,
        "the file is cut off",
      );
    if (name === "fmt ") layout = readLayout(new DataView(view.buffer, view.byteOffset + start, length), broken);
    if (name === "data") {
      if (layout === undefined) throw broken("the samples come before what they are");
      return readSamples(new DataView(view.buffer, view.byteOffset + start, length), layout, broken);
    }
    // Parts begin at even places.
    at = start + length + (length & 1);
  }
  throw broken(
    layout === undefined ? "it does not say what its samples are" : "there are no samples",
    "the file is cut off",
  );
}

type Broken = (why: string, hint?: string) => DataError;

function readLayout(view: DataView, broken: Broken): Layout {
  if (view.byteLength < 16) throw broken("what its samples are is cut off");
  const [tag, channels, sampleRate, block, bits] = [
    view.getUint16(0, true),
    view.getUint16(2, true),
    view.getUint32(4, true),
    view.getUint16(12, true),
    view.getUint16(14, true),
  ] as const;
  // The first two bytes of an extension's long name are the format that it extends.
  const format = tag === extensible && view.byteLength >= 40 ? view.getUint16(24, true) : tag;
  const kind = formats[format as keyof typeof formats] as Format | undefined; // other numbers give undefined
  const read = kind === undefined ? undefined : readers[kind][bits];
  if (read === undefined) {
    const what = kind === undefined ? (otherFormats[format] ?? `format ${format}`) : `${kind} samples of ${bits} bits`;
    throw broken(`${what} cannot be read`, "known are PCM of 8, 16, 24 and 32 bits, and floats of 32 and 64");
  }
  if (channels === 0 || sampleRate === 0 || block !== channels * (bits / 8))
    throw broken(`${channels} channels of ${bits} bits at ${sampleRate} Hz in blocks of ${block} bytes cannot be`);
  return { read, channels, sampleRate, bytesPerSample: bits / 8 };
}

function readSamples(view: DataView, { read, channels, sampleRate, bytesPerSample }: Layout, broken: Broken): Sound {
  const count = view.byteLength / bytesPerSample;
  if (!Number.isInteger(count / channels)) throw broken("it ends in the middle of a sample", "the file is cut off");
  const samples = new Float32Array(count);
  for (let index = 0; index < count; index++) samples[index] = read(view, index * bytesPerSample);
  return { samples, channels, sampleRate };
}

/** The bytes of a WAV file: whole numbers of 16 bits, or floats, which lose nothing. */
export function encodeWav({ samples, channels, sampleRate }: Sound, kind: "pcm16" | "f32" = "pcm16"): Uint8Array {
  if (!Number.isInteger(samples.length / channels))
    throw new ArgumentError(`encodeWav: ${samples.length} samples are not those of ${channels} channels`);
  const bytes = kind === "pcm16" ? 2 : 4;
  const view = new DataView(new ArrayBuffer(44 + samples.length * bytes));
  const word = (at: number, text: string): void => {
    for (let letter = 0; letter < 4; letter++) view.setUint8(at + letter, text.charCodeAt(letter));
  };
  word(0, "RIFF");
  view.setUint32(4, view.byteLength - 8, true);
  word(8, "WAVE");
  word(12, "fmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, kind === "pcm16" ? 1 : 3, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * bytes, true);
  view.setUint16(32, channels * bytes, true);
  view.setUint16(34, 8 * bytes, true);
  word(36, "data");
  view.setUint32(40, samples.length * bytes, true);
  for (let index = 0; index < samples.length; index++) {
    const value = samples[index]!;
    if (kind === "f32") view.setFloat32(44 + 4 * index, value, true);
    else view.setInt16(44 + 2 * index, Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))), true);
  }
  return new Uint8Array(view.buffer);
}
