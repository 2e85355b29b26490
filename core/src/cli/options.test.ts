import assert from "node:assert/strict";
import { test } from "node:test";
import { ArgumentError } from "../base/errors.ts";
import { describeOptions, oneOf, positiveNumber, readOptions, text, toggle, wholeNumber } from "./options.ts";

const table = {
  epochs: wholeNumber("passes over the data"),
  seed: wholeNumber("decides everything", 0),
  rate: positiveNumber("step size"),
  device: oneOf(["native", "wasm"], "where"),
  json: text("FILE", "what to write"),
  quiet: toggle("say less"),
} as const;

const accepted: readonly (readonly [line: string, values: object, words?: readonly string[]])[] = [
  ["", {}],
  ["--epochs 5", { epochs: 5 }],
  ["--epochs=5", { epochs: 5 }],
  ["--seed 0", { seed: 0 }],
  ["--rate 1e-3", { rate: 0.001 }],
  ["--rate .5 --device wasm", { rate: 0.5, device: "wasm" }],
  ["--json out.json", { json: "out.json" }],
  ["--json=--odd", { json: "--odd" }],
  ["--json -odd-name", { json: "-odd-name" }],
  ["--quiet", { quiet: true }],
  ["digits --quiet other", { quiet: true }, ["digits", "other"]],
  ["-- --quiet", {}, ["--quiet"]],
];

const split = (line: string): string[] => line.split(" ").filter((word) => word !== "");

for (const [line, values, words = []] of accepted) {
  test(`"${line}" is read`, () => {
    assert.deepEqual(readOptions(split(line), table), { values, words });
  });
}

const refused: readonly (readonly [line: string, message: RegExp])[] = [
  ["--epoch 5", /^unknown option --epoch\n {2}hint {2}did you mean "--epochs"\?/],
  ["-e 5", /^unknown option -e\b/],
  ["--constructor", /^unknown option --constructor/],
  ["--__proto__ x", /^unknown option --__proto__/],
  ["--epochs", /^--epochs needs a value: --epochs N$/],
  ["--json --quiet", /^--json needs a value: --json FILE$/],
  ["--epochs --quiet", /^--epochs needs a value: --epochs N$/],
  ["--epochs five", /^--epochs takes a whole number of at least 1, received "five"$/],
  ["--epochs 0", /^--epochs takes a whole number of at least 1, received "0"$/],
  ["--epochs -3", /^--epochs /],
  ["--epochs 2.5", /^--epochs takes a whole number/],
  ["--epochs 1e3", /^--epochs takes a whole number/],
  ["--epochs 0x10", /^--epochs takes a whole number/],
  ["--epochs 99999999999999999999", /^--epochs takes a whole number/],
  ["--epochs=", /^--epochs takes a whole number/],
  ["--seed -1", /^--seed /],
  ["--rate 0", /^--rate takes a positive number, received "0"$/],
  ["--rate Infinity", /^--rate takes a positive number/],
  ["--rate x", /^--rate takes a positive number, received "x"$/],
  ["--device wsm", /^--device: did you mean "wasm"\? valid names are "native", "wasm"; received "wsm"$/],
  ["--json=", /^--json takes file, received nothing$/],
  ["--quiet=yes", /^--quiet takes no value, received "yes"$/],
  ["--epochs 1 --epochs 2", /^--epochs is given twice$/],
];

for (const [line, message] of refused) {
  test(`"${line}" is refused in one line`, () => {
    assert.throws(
      () => readOptions(split(line), table),
      (error) => error instanceof ArgumentError && message.test(error.message) && !error.parts.what.includes("\n"),
    );
  });
}

test("the help has a line for each option, aligned", () => {
  assert.equal(
    describeOptions(table),
    `  --epochs N            passes over the data
  --seed N              decides everything
  --rate X              step size
  --device native|wasm  where
  --json FILE           what to write
  --quiet               say less`,
  );
});
