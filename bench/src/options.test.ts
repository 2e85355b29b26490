import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions, UsageError } from "./options.ts";
import { workloadNames } from "./workloads/index.ts";

test("without options: everything of ours, two threads, no peers", () => {
  const { peers, only, threads, devices, python, json, quick } = readOptions([]);
  assert.deepEqual([peers, threads, python, json, quick], [false, 2, undefined, undefined, false]);
  assert.deepEqual(only, workloadNames);
  assert.deepEqual(devices, ["native", "wasm"]);
});

test("every option is read", () => {
  const given = "--peers --only w5,W3 --threads 1 --device wasm --python /p --json=a.json --quick".split(" ");
  const { peers, only, threads, devices, python, json, quick } = readOptions(given);
  assert.deepEqual([peers, threads, python, json, quick], [true, 1, "/p", "a.json", true]);
  assert.deepEqual(only, ["W3", "W5"]);
  assert.deepEqual(devices, ["wasm"]);
});

const wrong: readonly [string, RegExp][] = [
  ["--fast", /^unknown option --fast; the options are --peers/],
  ["-x", /^unknown option -x/],
  ["W3", /^"W3" is no option/],
  ["--threads 3", /^--threads takes 1, 2; received "3"$/],
  ["--threads", /^--threads needs a value$/],
  ["--json --quick", /^--json needs a value$/],
  ["--json=", /^--json needs a value$/],
  ["--only W3,W10", /^--only takes W1, .*; received "W10"$/],
  ["--device gpu", /^--device takes native, wasm; received "gpu"$/],
  ["--peers=yes", /^--peers takes no value, received "yes"$/],
  ["--quick --quick", /^--quick is given twice$/],
];
for (const [line, message] of wrong) {
  test(`${line} is refused in one line`, () => {
    assert.throws(
      () => readOptions(line.split(" ")),
      (error) => error instanceof UsageError && message.test(error.message) && !error.message.includes("\n"),
    );
  });
}
