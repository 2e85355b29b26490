import { ArgumentError } from "../../base/errors.ts";
import { choice, integer, optional } from "../fieldKinds.ts";
import type { GivenOf } from "../fields.ts";
import type { LayerOptions } from "../layer.ts";
import { binOf, salt } from "./bins.ts";
import type { HostArray, HostTexts } from "./hostData.ts";
import { isWhole, Lookup, lookupFields, vocabularyField } from "./lookup.ts";

const fields = {
  ...lookupFields,
  /** The number that stands for nothing. Default: none. */
  maskToken: optional(integer()),
  /** What stands for unknown numbers when places are turned back. Default −1. */
  oovToken: integer(-1),
  /** The known numbers, most frequent first. Default: learned by `adapt`. */
  vocabulary: vocabularyField(isWhole, "a list of whole numbers"),
  /** How unknown numbers share several bins: by their remainder, or by a hash of their digits. Default floorMod. */
  oovMethod: choice(["floorMod", "farmHash"], "floorMod"),
  /** With a salt the hash is SipHash under this key; without one it is FarmHash. */
  salt,
};
export interface IntegerLookupOptions extends LayerOptions, GivenOf<typeof fields> {}

/** Whole numbers as their places in a vocabulary. */
export class IntegerLookup extends Lookup<number, typeof fields> {
  static override readonly name: string = "IntegerLookup";
  static readonly fields = fields;

  constructor(options: IntegerLookupOptions = {}) {
    super(options);
    if (this.options.salt !== undefined && this.options.oovMethod !== "farmHash")
      throw new ArgumentError(`${this.name}: a salt goes with oovMethod "farmHash"`);
  }

  get takes() {
    return "numbers" as const;
  }

  protected override bin(token: number, bins: number): number {
    const { oovMethod, salt: key } = this.options;
    return oovMethod === "farmHash" ? binOf(String(token), bins, key) : ((token % bins) + bins) % bins;
  }

  protected override tokensOf(x: HostArray | HostTexts): ArrayLike<number> {
    if (!("texts" in x)) return Array.from(x.data, Math.trunc);
    throw new ArgumentError(`${this.name}: expected whole numbers, received texts`);
  }
}
