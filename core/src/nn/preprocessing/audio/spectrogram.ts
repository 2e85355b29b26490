import { ArgumentError, ShapeError } from "../../../base/errors.ts";
import { printShape } from "../../../base/shape.ts";
import { asTensor, conv, type Tensor, type TensorLike, tensor } from "../../../tensor/index.ts";

export interface StftOptions {
  /** Samples of a frame. Default: `fftLength`. */
  readonly sequenceLength?: number | undefined;
  /** Samples from one frame to the next. Default: a quarter of `sequenceLength`. */
  readonly sequenceStride?: number | undefined;
  /** Samples of the transform: a frame lies in the middle of them, among zeros. Default 2048. */
  readonly fftLength?: number | undefined;
  /** What a frame is multiplied with, so that its ends do not sound. Default "hann". */
  readonly window?: "hann" | "hamming" | "rectangular" | undefined;
  /** Whether frames lie around their place: the signal is mirrored at both ends. Default true. */
  readonly center?: boolean | undefined;
}

interface Frames {
  readonly length: number;
  readonly stride: number;
  readonly fft: number;
  readonly window: NonNullable<StftOptions["window"]>;
  readonly center: boolean;
}

/** Weights of the cosine in the windows of the kind a − (1 − a)·cos; all are periodic. */
const windows = { hann: 0.5, hamming: 0.54, rectangular: 1 } as const;

function framesOf(name: string, options: StftOptions): Frames {
  const { fftLength: fft = 2048, window = "hann", center = true } = options;
  const { sequenceLength: length = fft } = options;
  const { sequenceStride: stride = Math.max(1, Math.floor(length / 4)) } = options;
  for (const [key, value] of Object.entries({ fftLength: fft, sequenceLength: length, sequenceStride: stride })) {
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError(`${name}: ${key} must be a whole number above 0, received ${value}`);
  }
  if (length > fft) throw new ArgumentError(`${name}: fftLength ${fft} must be at least sequenceLength ${length}`);
  if (!Object.hasOwn(windows, window)) {
    throw new ArgumentError({
      what: `${name}: the window ${JSON.stringify(window)} is not known`,
      hint: `known are ${Object.keys(windows).join(", ")}`,
    });
  }
  return { fft, length, stride, window, center };
}

/**
 * The spectrum of each frame of signals [..., samples]: `real` and `imaginary`, [..., frames, fftLength / 2 + 1], as
 * `torch.stft` and Keras's `ops.stft` define them. A convolution with sines and cosines: it has derivatives, and runs wherever
 * models run.
 */
export function stft(
  signals: TensorLike,
  options: StftOptions = {},
): { readonly real: Tensor; readonly imaginary: Tensor } {
  const both = transformed("stft", signals, framesOf("stft", options));
  const bins = both.shape.at(-1)! / 2; // cosines, then sines
  const part = (from: number): Tensor => both.slice(["...", { start: from, stop: from + bins }]);
  return { real: part(0), imaginary: part(bins) };
}

/** Strength at each time and frequency of signals [..., samples]: [..., frames, fftLength / 2 + 1]. */
export function spectrogram(
  signals: TensorLike,
  {
    power = 1,
    ...options
  }: StftOptions & { /** 1 for magnitudes, 2 for power. Default 1. */ readonly power?: number } = {},
): Tensor {
  const { real, imaginary } = stft(signals, options);
  const squared = real.square().add(imaginary.square());
  return power === 2 ? squared : power === 1 ? squared.sqrt() : squared.pow(power / 2);
}

/** Real parts, then imaginary ones: [..., frames, 2 · bins]. */
function transformed(name: string, signals: TensorLike, frames: Frames): Tensor {
  const x: Tensor = asTensor(signals);
  const samples = x.shape.at(-1);
  if (samples === undefined) throw new ShapeError(`${name}: signals must have an axis of samples, received a scalar`);
  const leading = x.shape.slice(0, -1);
  const flat: Tensor = x.reshape([leading.reduce((count, size) => count * size, 1), samples]);
  const around = Math.floor(frames.fft / 2);
  if (frames.center && samples <= around) {
    throw new ShapeError({
      what: `${name}: signals of ${samples} samples cannot be mirrored by ${around}`,
      details: [{ role: "signals", value: printShape(x.shape) }],
      hint: "take a smaller fftLength, or center: false",
    });
  }
  const padded: Tensor = frames.center
    ? flat.pad(
        [
          [0, 0],
          [around, around],
        ],
        { mode: "reflect" },
      )
    : flat;
  const total = padded.shape[1]!;
  if (total < frames.fft)
    throw new ShapeError(`${name}: signals of ${samples} samples are shorter than a frame of ${frames.fft}`);
  // The zeros around a frame need not be multiplied: the frame alone goes over the signal.
  const before = Math.floor((frames.fft - frames.length) / 2);
  const after = frames.fft - frames.length - before;
  const inner: Tensor = padded.slice(["...", { start: before, stop: total - after }]);
  const kernel = kernelOf(frames);
  const framed: Tensor = conv(inner.reshape([flat.shape[0]!, total - before - after, 1]) as Tensor, kernel, {
    strides: frames.stride,
  });
  return framed.reshape([...leading, ...framed.shape.slice(1)]);
}

const kernels = new Map<string, Tensor>();
/** Kernels that are kept: most programs have one. */
const keptKernels = 4;

/** Windowed cosines and, negative, sines: [length, 1, 2 · bins]. */
function kernelOf(frames: Frames): Tensor {
  const key = `${frames.fft} ${frames.length} ${frames.window}`;
  const kept = kernels.get(key);
  if (kept !== undefined) return kept;
  const { fft, length, window } = frames;
  const bins = Math.floor(fft / 2) + 1;
  const before = Math.floor((fft - length) / 2);
  const values = new Float32Array(length * 2 * bins);
  const a = windows[window];
  for (let place = 0; place < length; place++) {
    const weight = a - (1 - a) * Math.cos((2 * Math.PI * place) / length);
    for (let bin = 0; bin < bins; bin++) {
      // Whole turns are taken off first: angles stay exact.
      const angle = (2 * Math.PI * ((bin * (place + before)) % fft)) / fft;
      values[place * 2 * bins + bin] = weight * Math.cos(angle);
      values[place * 2 * bins + bins + bin] = -weight * Math.sin(angle);
    }
  }
  const kernel: Tensor = tensor(values, { shape: [length, 1, 2 * bins] });
  if (kernels.size >= keptKernels) kernels.delete(kernels.keys().next().value!); // the oldest
  kernels.set(key, kernel);
  return kernel;
}

/** How frequencies are gathered; names and defaults are those of Keras's layer MelSpectrogram. */
export interface MelOptions extends StftOptions {
  readonly samplingRate?: number | undefined;
  readonly numMelBins?: number | undefined;
  readonly minFreq?: number | undefined;
  /** Default: half of the sampling rate. */
  readonly maxFreq?: number | undefined;
  /** Whether powers are told in decibels. Default true. */
  readonly powerToDb?: boolean | undefined;
  /** Decibels below the loudest that are still told. Default 80. */
  readonly topDb?: number | undefined;
  /** What magnitudes are raised to. Default 2. */
  readonly magExp?: number | undefined;
  readonly minPower?: number | undefined;
  readonly refPower?: number | undefined;
}

/** Strength at each pitch and time of signals [..., samples]: [..., mel, frames], as Keras's layer MelSpectrogram computes it. */
export function melSpectrogram(signals: TensorLike, options: MelOptions = {}): Tensor {
  const { samplingRate = 16_000, numMelBins = 128, minFreq = 20, powerToDb = true, topDb = 80 } = options;
  const { magExp = 2, minPower = 1e-10, refPower = 1, sequenceStride = 512, fftLength = 2048 } = options;
  const { maxFreq = Math.floor(samplingRate / 2) } = options;
  const strength = spectrogram(signals, { ...options, sequenceStride, fftLength, power: magExp });
  const weights = melWeights({ bins: strength.shape.at(-1)!, samplingRate, numMelBins, minFreq, maxFreq });
  const mel: Tensor = strength.matmul(weights);
  const rank = mel.shape.length;
  const order = [...Array(rank - 2).keys(), rank - 1, rank - 2];
  const turned: Tensor = mel.transpose(order);
  if (!powerToDb) return turned;
  const decibel = 10 / Math.LN10;
  const told: Tensor = turned
    .maximum(minPower)
    .log()
    .mul(decibel)
    .sub(10 * Math.log10(Math.max(Math.abs(refPower), minPower)));
  return told.maximum(told.max().sub(topDb));
}

interface MelScale {
  readonly bins: number;
  readonly samplingRate: number;
  readonly numMelBins: number;
  readonly minFreq: number;
  readonly maxFreq: number;
}

/** The mel scale of the Hidden Markov Model Toolkit (S. Young et al., "The HTK Book", 5.6). */
const melOf = (hertz: number): number => 1127 * Math.log(1 + hertz / 700);

/** How much of each frequency belongs to each pitch: triangles with a peak of 1 that meet, [bins, mel]. */
export function melWeights({ bins, samplingRate, numMelBins, minFreq, maxFreq }: MelScale): Tensor {
  if (!(minFreq >= 0 && minFreq < maxFreq && maxFreq <= samplingRate / 2))
    throw new ArgumentError({
      what: `melWeights: frequencies from ${minFreq} to ${maxFreq} Hz do not lie in a sound of ${samplingRate} samples a second`,
      hint: "maxFreq can be half of samplingRate at most",
    });
  const [low, high] = [melOf(minFreq), melOf(maxFreq)];
  const edge = (index: number): number => low + ((high - low) * index) / (numMelBins + 1);
  const values = new Float32Array(bins * numMelBins);
  // The constant part of a signal has no pitch.
  for (let bin = 1; bin < bins; bin++) {
    const mel = melOf((bin * samplingRate) / 2 / (bins - 1));
    for (let pitch = 0; pitch < numMelBins; pitch++) {
      const rising = (mel - edge(pitch)) / (edge(pitch + 1) - edge(pitch));
      const falling = (edge(pitch + 2) - mel) / (edge(pitch + 2) - edge(pitch + 1));
      values[bin * numMelBins + pitch] = Math.max(0, Math.min(rising, falling));
    }
  }
  return tensor(values, { shape: [bins, numMelBins] });
}
