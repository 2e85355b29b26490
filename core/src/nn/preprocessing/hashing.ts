import { ArgumentError } from "../../base/errors.ts";
import { choice, count, optional } from "../fieldKinds.ts";
import { field, type GivenOf } from "../fields.ts";
import type { LayerOptions } from "../layer.ts";
import type { OpenShape } from "../symbolic.ts";
import { binOf, salt } from "./bins.ts";
import { encodedOnHost, encodedShape, outputModes } from "./encoding.ts";
import type { HostArray, HostTexts } from "./hostData.ts";
import { HostLayer, type HostResult } from "./hostLayer.ts";

const isValue = (value: unknown): value is string | number => typeof value === "string" || typeof value === "number";

const fields = {
  /** Number of bins. */
  numBins: count(),
  /** The value that has bin 0 for itself; the others share the bins after it. Default: none. */
  maskValue: optional(
    field<string | number, string | number>({
      parse: (name, value) => {
        if (isValue(value)) return value;
        throw new ArgumentError(`${name} must be a text or a number, received ${JSON.stringify(value)}`);
      },
      read: (json) => (isValue(json) ? json : undefined),
      expected: "a text or a number",
    }),
  ),
  /** With a salt the hash is SipHash under this key; without one it is FarmHash. */
  salt,
  /** Default int: the number of the bin. */
  outputMode: choice(outputModes, "int"),
};
export interface HashingOptions extends LayerOptions, GivenOf<typeof fields, "numBins"> {}

/** Texts or whole numbers (by their digits) in bins by a hash: features with more values than one could list. */
export class Hashing extends HostLayer<typeof fields> {
  static override readonly name: string = "Hashing";
  static readonly fields = fields;
  static readonly positional = ["numBins"];

  constructor(numBins: number, options: HashingOptions = {}) {
    super(options, { numBins });
  }

  get takes() {
    return "both" as const;
  }

  protected override resultShape(input: OpenShape): OpenShape {
    return encodedShape(input, this.options.outputMode, this.options.numBins);
  }

  protected override get resultType() {
    return this.options.outputMode === "int" ? "i32" : "f32";
  }

  override transform(x: HostArray | HostTexts): HostResult {
    const { numBins, maskValue, salt: key, outputMode } = this.options;
    const values: ArrayLike<string | number> = "texts" in x ? x.texts : x.data;
    const masked = maskValue !== undefined && numBins > 1 ? maskValue : undefined;
    const known = new Map<string | number, number>();
    const bin = (value: string | number): number => {
      if (value === masked) return 0;
      const text = typeof value === "string" ? value : String(Math.trunc(value));
      return masked === undefined ? binOf(text, numBins, key) : binOf(text, numBins - 1, key) + 1;
    };
    const bins = Int32Array.from({ length: values.length }, (_, at) => {
      const value = values[at]!;
      const found = known.get(value) ?? bin(value);
      known.set(value, found);
      return found;
    });
    return encodedOnHost(bins, x.shape, outputMode, numBins);
  }
}
