import { ArgumentError, ShapeError } from "../../../base/errors.ts";
import { printShape, type Shape } from "../../../base/shape.ts";
import { scopeNow } from "../../../graph/node.ts";
import type { Tensor } from "../../../tensor/index.ts";
import { demandTensor, notNegative, positiveReal } from "../../checks.ts";
import { choice, count, flag, optional, real } from "../../fieldKinds.ts";
import type { GivenOf } from "../../fields.ts";
import { floating } from "../../floating.ts";
import { AnyLayer, type LayerOptions, type Variables } from "../../layer.ts";
import type { Structure } from "../../structure.ts";
import { melSpectrogram } from "./spectrogram.ts";

const fields = {
  /** Samples of the transform. Default 2048. */
  fftLength: count(2048),
  /** Samples from one frame to the next. Default 512. */
  sequenceStride: count(512),
  /** Samples of a frame. Default: fftLength. */
  sequenceLength: optional(count()),
  /** What a frame is multiplied with. Default hann. */
  window: choice(["hann", "hamming", "rectangular"], "hann"),
  /** Samples a second. Default 16,000. */
  samplingRate: real(16_000, positiveReal),
  /** Pitches. Default 128. */
  numMelBins: count(128),
  minFreq: real(20, notNegative),
  /** Default: half of the sampling rate. */
  maxFreq: optional(real(undefined, positiveReal)),
  /** Whether powers are told in decibels. Default true. */
  powerToDb: flag(true),
  /** Decibels below the loudest of the batch that are still told. Default 80. */
  topDb: real(80, notNegative),
  /** What magnitudes are raised to. Default 2. */
  magExp: real(2, positiveReal),
  minPower: real(1e-10, positiveReal),
  refPower: real(1, positiveReal),
};
export interface MelSpectrogramOptions extends LayerOptions, GivenOf<typeof fields> {}

/** The strength of each pitch at each time: signals [batch, samples] → [batch, numMelBins, frames]. */
export class MelSpectrogram extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "MelSpectrogram";
  static readonly fields = fields;

  constructor(options: MelSpectrogramOptions = {}) {
    super(options);
    const { fftLength, sequenceLength = fftLength } = this.options;
    if (sequenceLength > fftLength)
      throw new ArgumentError(`${this.name}: sequenceLength ${sequenceLength} is more than fftLength ${fftLength}`);
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
    const around = Math.floor(this.options.fftLength / 2);
    if (input.length < 1 || input.at(-1)! <= around)
      throw new ShapeError({
        what: `${scopeNow()}: expected signals of more than ${around} samples, received ${printShape(input)}`,
        hint: "take a smaller fftLength, or longer signals",
      });
  }

  override call(x: Tensor): Tensor {
    return melSpectrogram(floating(x), this.options);
  }
}
