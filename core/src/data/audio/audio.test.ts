import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { DataError } from "../../base/errors.ts";
import { decodeWav, encodeWav } from "../../formats/index.ts";
import { tensor } from "../../tensor/index.ts";
import { audioDatasetFromDirectory, melSpectrogram, resampleSound, spectrogram, stft } from "./index.ts";

/** What Python, PyTorch and Keras made: goldens/audio.py. */
const goldens = JSON.parse(readFileSync(new URL("../../../src/data/goldens/audio.json", import.meta.url), "utf8")) as {
  readonly files: readonly {
    readonly name: string;
    readonly file: string;
    readonly channels: number;
    readonly values: readonly number[];
  }[];
  readonly spectra: readonly {
    readonly signal: readonly number[];
    readonly options: object;
    readonly shape: readonly number[];
    readonly real: readonly number[];
    readonly imaginary: readonly number[];
  }[];
  readonly mels: readonly {
    readonly signal: readonly number[];
    readonly signalShape: readonly number[];
    readonly options: object;
    readonly shape: readonly number[];
    readonly values: readonly number[];
  }[];
}; // our own file

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
const close = (found: ArrayLike<number>, expected: readonly number[], tolerance: number, what: string): void => {
  assert.equal(found.length, expected.length, what);
  for (const [at, value] of expected.entries())
    assert.ok(
      Math.abs(found[at]! - value) <= tolerance * Math.max(1, Math.abs(value)),
      `${what} at ${at}: ${found[at]}, ${value}`,
    );
};

for (const { name, file, channels, values } of goldens.files) {
  test(`a WAV file of Python is read: ${name}`, () => {
    const sound = decodeWav(bytesOf(file));
    assert.deepEqual([sound.channels, sound.sampleRate], [channels, 8000]);
    close(sound.samples, values, 1e-6, name);
  });
}

test("sounds are written and read back: floats to the bit, 16 bits as Python writes them", () => {
  const samples = Float32Array.of(0, 0.5, -1, 1, 0.123456, -0.7);
  const sound = { samples, channels: 2, sampleRate: 44_100 };
  assert.deepEqual(decodeWav(encodeWav(sound, "f32")), sound);
  const golden = goldens.files.find(({ name }) => name === "pcm16 1")!;
  assert.deepEqual(encodeWav(decodeWav(bytesOf(golden.file))), bytesOf(golden.file));
});

test("WAV files that cannot be read say why", () => {
  const good = encodeWav({ samples: new Float32Array(8), channels: 1, sampleRate: 8000 });
  const changed = (at: number, ...bytes: number[]): Uint8Array => {
    const copy = good.slice();
    copy.set(bytes, at);
    return copy;
  };
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(0), /does not begin like one/],
    [good.subarray(0, 40), /there are no samples[\s\S]*cut off/],
    [good.subarray(0, 50), /"data" would have 16 bytes, but 6 follow/],
    [changed(20, 7), /µ-law cannot be read[\s\S]*known are PCM/],
    [changed(34, 12), /pcm samples of 12 bits cannot be read/],
    [changed(22, 0), /0 channels/],
    [changed(24, 0, 0, 0, 0), /at 0 Hz/],
    [changed(40, 15), /ends in the middle of a sample/],
    [changed(36, ...Buffer.from("junk")), /there are no samples/],
    [changed(12, ...Buffer.from("junk")), /before what they are/],
  ];
  for (const [file, reason] of cases)
    assert.throws(
      () => decodeWav(file, "x.wav"),
      (error) => error instanceof DataError && reason.test(error.message),
    );
  // What was recorded through a pipe does not know its length.
  assert.equal(decodeWav(changed(40, 255, 255, 255, 255)).samples.length, 8);
});

for (const { signal, options, shape, real, imaginary } of goldens.spectra) {
  test(`stft is that of torch: ${JSON.stringify(options)}`, async () => {
    const found = stft(tensor([...signal]), options);
    assert.deepEqual([found.real.shape, found.imaginary.shape], [shape, shape]);
    close(await found.real.data(), real, 2e-5, "real");
    close(await found.imaginary.data(), imaginary, 2e-5, "imaginary");
    const magnitudes = real.map((value, at) => Math.hypot(value, imaginary[at]!));
    close(await spectrogram(tensor([...signal]), options).data(), magnitudes, 2e-5, "magnitude");
  });
}

for (const { signal, signalShape, options, shape, values } of goldens.mels) {
  test(`melSpectrogram is that of Keras: ${JSON.stringify(options)}`, async () => {
    const found = melSpectrogram(tensor([...signal]).reshape(signalShape), options);
    assert.deepEqual(found.shape, shape);
    close(await found.data(), values, 2e-4, "mel");
  });
}

test("signals that are too short, and frames that cannot be, are said", () => {
  assert.throws(() => stft(tensor([1, 2, 3])), /signals of 3 samples cannot be mirrored by 1024/);
  assert.throws(() => stft(tensor([1, 2, 3]), { fftLength: 4, center: false }), /shorter than a frame of 4/);
  assert.throws(
    () => stft(tensor([1]), { fftLength: 4, sequenceLength: 5 }),
    /fftLength 4 must be at least sequenceLength 5/,
  );
  assert.throws(() => stft(tensor([1]), { window: "kaiser" as "hann" }), /window "kaiser" is not known/);
  assert.throws(
    () => melSpectrogram(tensor(new Float32Array(4000)), { samplingRate: 8000, maxFreq: 5000 }),
    /20 to 5000 Hz do not lie/,
  );
});

test("a tone stays what it is at another rate, and what is too high for it disappears", () => {
  const tone = (hertz: number, rate: number) => ({
    samples: Float32Array.from({ length: rate / 4 }, (_, at) => Math.sin((2 * Math.PI * hertz * at) / rate)),
    channels: 1,
    sampleRate: rate,
  });
  for (const [from, to] of [
    [44_100, 16_000],
    [8000, 22_050],
    [16_000, 8000],
    [16_000, 16_000],
  ] as const) {
    const { samples, sampleRate } = resampleSound(tone(440, from), to);
    const expected = tone(440, to).samples;
    assert.equal(sampleRate, to);
    assert.ok(Math.abs(samples.length - expected.length) <= 1);
    for (let at = 200; at < expected.length - 200; at++)
      assert.ok(
        Math.abs(samples[at]! - expected[at]!) < 2e-3,
        `${from} to ${to} at ${at}: ${samples[at]}, ${expected[at]}`,
      );
  }
  const silent = resampleSound(tone(7000, 16_000), 8000).samples.slice(200, -200);
  assert.ok(Math.max(...silent.map(Math.abs)) < 2e-3, String(Math.max(...silent.map(Math.abs))));
});

test("a folder of sounds: padded, cut, resampled, labelled", async () => {
  const root = mkdtempSync(join(tmpdir(), "chainrule-audio-"));
  after(() => rmSync(root, { recursive: true }));
  const write = (path: string, length: number, channels = 1): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(
      join(root, path),
      encodeWav({ samples: new Float32Array(length * channels).fill(0.5), channels, sampleRate: 8000 }),
    );
  };
  for (let index = 0; index < 3; index++) {
    write(`no/${index}.wav`, 10 + index);
    write(`yes/${index}.WAV`, 20 + index);
  }
  const shapes = async (options: Parameters<typeof audioDatasetFromDirectory>[1]): Promise<string[]> => {
    const found: string[] = [];
    for await (const { x, y } of await audioDatasetFromDirectory(root, { shuffle: false, ...options }))
      found.push(`${x.shape.join("×")} ${[...y.data]}`);
    return found;
  };
  assert.deepEqual(await shapes({ batchSize: 4 }), ["4×20×1 0,0,0,1", "2×22×1 1,1"]);
  assert.deepEqual(await shapes({ outputSequenceLength: 15, batchSize: 6 }), ["6×15×1 0,0,0,1,1,1"]);
  assert.deepEqual(await shapes({ samplingRate: 4000, batchSize: 6 }), ["6×11×1 0,0,0,1,1,1"]);
  const [first] = await (await audioDatasetFromDirectory(root, { shuffle: false, batchSize: 2 })).toArray();
  assert.deepEqual([...first!.x.data.slice(8, 12)], [0.5, 0.5, 0, 0.5]);
  write("no/stereo.wav", 5, 2);
  await assert.rejects(shapes({ batchSize: 6 }), /a sound of 2 channels cannot be in a batch with one of 1/);
  writeFileSync(join(root, "no", "stereo.wav"), "noise");
  await assert.rejects(shapes({}), /cannot read no\/stereo\.wav: .*does not begin like one/);
  assert.deepEqual(await shapes({ onError: "skip", batchSize: 4 }), ["4×20×1 0,0,0,1", "2×22×1 1,1"]);
  await assert.rejects(audioDatasetFromDirectory(root, { samplingRate: 0.5 }), /samplingRate must be a whole number/);
});
