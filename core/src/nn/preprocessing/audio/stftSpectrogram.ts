import { ArgumentError, ShapeError } from "../../../base/errors.ts";
import { printShape, type Shape } from "../../../base/shape.ts";
import { scopeNow } from "../../../graph/node.ts";
import { atan2, concatenate, conv, type Tensor, tensor, type Variable } from "../../../tensor/index.ts";
import { demandTensor } from "../../checks.ts";
import { choice, count, flag, optional } from "../../fieldKinds.ts";
import type { GivenOf } from "../../fields.ts";
import { floating } from "../../floating.ts";
import { AnyLayer, type LayerOptions } from "../../layer.ts";
import type { Structure } from "../../structure.ts";
import { weight } from "../../weight.ts";
import { windowField, windowOf } from "./window.ts";

/** What is computed of a transform. */
type Mode = "log" | "magnitude" | "psd" | "real" | "imag" | "angle" | "stft";

const fields = {
  /** What is told of each frequency: the logarithm of its magnitude, that, its power, its parts, or its phase. Default log. */
  mode: choice<Mode>(["log", "magnitude", "psd", "real", "imag", "angle", "stft"], "log"),
  /** Samples of a frame. Default 256. */
  frameLength: count(256),
  /** Samples from one frame to the next. Default: half of a frame. */
  frameStep: optional(count()),
  /** Samples of the transform. Default: the least power of two that a frame fits into. */
  fftLength: optional(count()),
  /** What a frame is multiplied with: a name, or its values. Default hann. */
  window: windowField,
  /** Whether the window ends a step before it would begin again. Default false: it is symmetric. */
  periodic: flag(false),
  /** The window has a length, or a sum, of one. Default density, the length. */
  scaling: choice(["density", "spectrum", "none"], "density"),
  /** `same` puts zeros around the signal. Default valid. */
  padding: choice(["valid", "same"], "valid"),
  /** Whether frequencies have an axis of their own, as images have. Default false. */
  expandDims: flag(false),
};
export interface StftSpectrogramOptions extends LayerOptions, GivenOf<typeof fields> {}

type Kernels = { readonly realKernel?: Variable; readonly imagKernel?: Variable };

/** The least power that is told: Keras's epsilon. */
const epsilon = 1e-7;

/**
 * The spectrum of each frame, by convolutions whose kernels may be trained: [batch, samples, channels] →
 * [batch, frames, channels · bins], or with `expandDims` [batch, frames, bins, channels].
 */
export class STFTSpectrogram extends AnyLayer<Kernels, typeof fields> {
  static override readonly name: string = "STFTSpectrogram";
  static readonly fields = fields;

  constructor(options: StftSpectrogramOptions = {}) {
    super(options);
    const { frameLength, frameStep = 1, fftLength = frameLength, window } = this.options;
    if (frameStep > frameLength)
      throw new ArgumentError(`${this.name}: frameStep ${frameStep} is more than frameLength ${frameLength}`);
    if (fftLength < frameLength)
      throw new ArgumentError(`${this.name}: fftLength ${fftLength} is less than frameLength ${frameLength}`);
    if (typeof window !== "string" && window.length !== frameLength)
      throw new ArgumentError(`${this.name}: the window has ${window.length} values, frameLength is ${frameLength}`);
  }

  get #bins(): number {
    const { frameLength, fftLength = 2 ** Math.ceil(Math.log2(frameLength)) } = this.options;
    return Math.floor(fftLength / 2) + 1;
  }

  override build(): Kernels {
    const { mode, frameLength } = this.options;
    const shape = [frameLength, 1, this.#bins];
    const kernel = (part: (angle: number) => number): Variable =>
      weight(shape, { initializer: () => tensor(this.#kernel(part), { shape }) as Tensor });
    return {
      ...(mode === "imag" ? {} : { realKernel: kernel(Math.cos) }),
      ...(mode === "real" ? {} : { imagKernel: kernel((angle) => -Math.sin(angle)) }),
    };
  }

  /** Cosines or sines under the window: [frameLength, 1, bins]. */
  #kernel(part: (angle: number) => number): Float32Array {
    const { frameLength, window, periodic, scaling } = this.options;
    const bins = this.#bins;
    const whole = 2 * (bins - 1);
    const weights = windowOf(window, frameLength, periodic);
    // Keras scales what has a window.
    const scale = window === "none" || scaling === "none" ? 1 : lengthOf(weights, scaling);
    const values = new Float32Array(frameLength * bins);
    for (let time = 0; time < frameLength; time++) {
      // Whole turns are taken off first: angles stay exact.
      for (let bin = 0; bin < bins; bin++)
        values[time * bins + bin] = (weights[time]! / scale) * part((2 * Math.PI * ((bin * time) % whole)) / whole);
    }
    return values;
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
    const { frameLength, padding } = this.options;
    if (input.length !== 3)
      throw new ShapeError({
        what: `${scopeNow()}: expected signals of [batch, samples, channels], received ${printShape(input)}`,
        hint: "a signal alone is reshaped to [1, samples, 1] first",
      });
    if (padding === "valid" && input[1]! < frameLength)
      throw new ShapeError({
        what: `${scopeNow()}: a frame of ${frameLength} samples does not fit into ${printShape(input)}`,
        hint: 'take a smaller frameLength, or padding: "same"',
      });
  }

  override call(given: Tensor, { realKernel, imagKernel }: Kernels): Tensor {
    const { mode, frameLength, frameStep = Math.floor(frameLength / 2), padding, expandDims } = this.options;
    const x = floating(given);
    const [batch = 1, samples = 1, channels = 1] = x.shape;
    const signals = x.transpose([0, 2, 1]).reshape([batch * channels, samples, 1]) as Tensor;
    // [batch, channels, frames, bins]
    const spectrum = (kernel: Tensor): Tensor => {
      const framed: Tensor = conv(signals, kernel, { strides: frameStep, padding });
      return framed.reshape([batch, channels, framed.shape[1]!, framed.shape[2]!]) as Tensor;
    };
    const [real, imaginary] = [realKernel, imagKernel].map((kernel) => kernel && spectrum(kernel as unknown as Tensor));
    const told = tell(mode, real, imaginary);
    const [, , frames, bins] = told.shape as unknown as readonly [number, number, number, number]; // spectrum's
    if (expandDims) return told.transpose([0, 2, 3, 1]) as Tensor;
    return told.transpose([0, 2, 1, 3]).reshape([batch, frames, channels * bins]) as Tensor;
  }
}

const lengthOf = (weights: readonly number[], scaling: "density" | "spectrum"): number =>
  scaling === "density" ? Math.hypot(...weights) : weights.reduce((sum, value) => sum + Math.abs(value), 0);

/** Both parts are there but for the modes that tell one alone. */
function tell(mode: Mode, real: Tensor | undefined, imaginary: Tensor | undefined): Tensor {
  if (real === undefined) return imaginary!;
  if (imaginary === undefined) return real;
  if (mode === "angle") return atan2(imaginary, real) as Tensor;
  if (mode === "stft") return concatenate([real, imaginary], 3) as Tensor;
  const power: Tensor = real.square().add(imaginary.square());
  if (mode === "psd") {
    // All frequencies but the first and the last stand for two.
    const bins = power.shape[3]!;
    const twice = Float32Array.from({ length: bins }, (_, bin) => (bin === 0 || bin === bins - 1 ? 1 : 2));
    return power.mul(tensor(twice)) as Tensor;
  }
  const magnitude: Tensor = power.maximum(epsilon).sqrt();
  return mode === "magnitude" ? magnitude : magnitude.maximum(epsilon).log();
}
