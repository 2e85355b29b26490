import { DataError, suggest } from "../base/errors.ts";
import { type ActivationName, activations, type Config } from "../nn/index.ts";

/** Reads a layer's config, which comes from a file: every entry is checked for its type; the layer checks its value. */
export interface ConfigReader {
  number(key: string): number;
  flag(key: string): boolean;
  sizes(key: string): readonly number[];
  choice<const Choice extends string>(key: string, choices: readonly Choice[]): Choice;
  activation(): ActivationName;
}

/** A reader of `config`, the config of `layer`. */
export function readConfig(layer: string, config: Config): ConfigReader {
  const wrong = (key: string, expected: string): DataError =>
    new DataError(`layer "${layer}": "${key}" is ${print(config[key])}, not ${expected}`);
  const choice = <const Choice extends string>(key: string, choices: readonly Choice[]): Choice => {
    const found = choices.find((known) => known === config[key]);
    if (found === undefined) throw wrong(key, choices.map((known) => `"${known}"`).join(" or "));
    return found;
  };
  return {
    number(key) {
      const value = config[key];
      if (typeof value === "number") return value;
      throw wrong(key, "a number");
    },
    flag(key) {
      const value = config[key];
      if (typeof value === "boolean") return value;
      throw wrong(key, "true or false");
    },
    sizes(key) {
      const value = config[key];
      if (Array.isArray(value) && value.length <= 16 && value.every((size) => Number.isSafeInteger(size))) return value;
      throw wrong(key, "a list of whole numbers");
    },
    choice,
    activation() {
      const value = config["activation"];
      if (typeof value === "string" && Object.hasOwn(activations, value)) return value as ActivationName; // just checked
      throw new DataError({
        what: `layer "${layer}": there is no activation ${print(value)}`,
        hint: suggest(String(value).slice(0, 40), Object.keys(activations)),
      });
    },
  };
}

const printedLength = 60;

/** Untrusted JSON for a message: short. */
export function print(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > printedLength ? `${text.slice(0, printedLength)}…` : text;
}
