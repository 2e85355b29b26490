import { ArgumentError } from "../../base/errors.ts";
import { optional, text } from "../fieldKinds.ts";
import type { GivenOf } from "../fields.ts";
import type { LayerOptions } from "../layer.ts";
import { binOf, salt } from "./bins.ts";
import type { HostArray, HostTexts } from "./hostData.ts";
import { isText, Lookup, lookupFields, vocabularyField } from "./lookup.ts";

const fields = {
  ...lookupFields,
  /** The text that stands for nothing: number 0, or counted nowhere. Default: none. */
  maskToken: optional(text()),
  /** What stands for unknown texts when numbers are turned back. Default "[UNK]". */
  oovToken: text("[UNK]"),
  /** The known texts, most frequent first. Default: learned by `adapt`. */
  vocabulary: vocabularyField(isText, "a list of texts"),
  /** With a salt unknown texts are put into bins by SipHash under this key; without one by FarmHash. */
  salt,
};
export interface StringLookupOptions extends LayerOptions, GivenOf<typeof fields> {}

/** Texts as their numbers in a vocabulary. */
export class StringLookup extends Lookup<string, typeof fields> {
  static override readonly name: string = "StringLookup";
  static readonly fields = fields;

  constructor(options: StringLookupOptions = {}) {
    super(options);
  }

  get takes() {
    return "texts" as const;
  }

  protected override bin(token: string, bins: number): number {
    return binOf(token, bins, this.options.salt);
  }

  protected override tokensOf(x: HostArray | HostTexts): readonly string[] {
    if ("texts" in x) return x.texts;
    throw new ArgumentError(`${this.name}: expected texts, received numbers`);
  }
}
