import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { nativeAvailable } from "@chainrule/native";
import type { DigitsResult } from "chainrule/cli";

const folder = mkdtempSync(join(tmpdir(), "chainrule-digits-"));
after(() => rmSync(folder, { recursive: true }));

const program = (name: string): string =>
  fileURLToPath(new URL(`./${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of this folder in a process of its own; `interruptAt` sends Ctrl-C once the output contains it. */
function run(name: string, args: readonly string[], interruptAt?: string): Promise<Ended> {
  const flags = process.execArgv.filter((flag) => !flag.startsWith("--test"));
  const child = spawn(process.execPath, [...flags, program(name), ...args], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let interrupted = false;
  child.stdout.on("data", (text: Buffer) => {
    stdout += text.toString();
    if (interruptAt === undefined || interrupted || !stdout.includes(interruptAt)) return;
    interrupted = true;
    child.kill("SIGINT");
  });
  child.stderr.on("data", (text: Buffer) => {
    stderr += text.toString();
  });
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, stdout, stderr })));
}

const { available, reason } = await nativeAvailable();
const devices = [
  { device: "wasm", skip: false },
  { device: "native", skip: available ? false : reason },
] as const;
const short = ["--epochs", "2", "--examples", "500"];

for (const { device, skip } of devices) {
  test(`the digits job on ${device}: text, figures, and the same bits in a new process`, { skip }, async () => {
    const [save, json] = [join(folder, `${device}.safetensors`), join(folder, `${device}.json`)];
    const { status, stdout, stderr } = await run("digits", [
      ...short,
      "--device",
      device,
      "--save",
      save,
      "--json",
      json,
    ]);
    assert.deepEqual([status, stderr], [0, ""]);

    const parts = [
      new RegExp(`^Device: ${device} \\(.*\\); chosen by --device\n`),
      /\nData: {3}450 handwritten digits to learn from, as they are and 2 times moved by a pixel;\n {8}50 to validate on, 1,996 to be tested on\n/,
      /\nModel: "digits"\n/,
      / Total params: 104,202 /,
      /\nEpoch 2\/2\n/,
      /\n22\/22 ━{20} .* - accuracy: .* - loss: .* - valAccuracy: .* - valLoss: .*\n/,
      /\nTest: accuracy \d\d\.\d\d% \(\d+ of 1,996 wrong\), loss /,
      /\n {2}actual │predicted .*│ recall\n/,
      /\nThe surest mistakes\n\n {2}a \d, read as \d /,
      /\nWhere the time went: .* examples\/s in training, peak memory .*\n\n {2}data .*\n {2}compile .*\n {2}forward\+backward\+update .*\n {2}evaluation /,
      new RegExp(
        `\nModel saved to ${save}; fingerprint of its test predictions: [\\da-f]{16}\nFigures written to ${json}\n$`,
      ),
    ];
    for (const part of parts) assert.match(stdout, part);
    const visible = [...stdout].filter((character) => character !== "\n" && character < " ");
    assert.deepEqual(visible, [], "no control characters where the output is no terminal");

    const result = JSON.parse(readFileSync(json, "utf8")) as DigitsResult;
    const keys = [
      "compileMs",
      "device",
      "epochs",
      "examplesPerSecond",
      "parameters",
      "peakBytes",
      "testAccuracy",
      "trainMs",
    ];
    assert.deepEqual(Object.keys(result).sort(), keys);
    assert.deepEqual([result.device, result.parameters, result.epochs.length], [device, 104_202, 2]);
    for (const epoch of result.epochs) {
      assert.deepEqual(Object.keys(epoch).sort(), ["accuracy", "loss", "valAccuracy", "valLoss"]);
      for (const value of Object.values(epoch)) assert.ok(Number.isFinite(value));
    }
    assert.ok(result.testAccuracy > 0.6, `only ${result.testAccuracy} of the test digits are right`);
    for (const value of [result.examplesPerSecond, result.compileMs, result.trainMs, result.peakBytes])
      assert.ok(value > 0);

    const again = await run("digits", ["--predict", "--device", device, "--save", save]);
    assert.deepEqual([again.status, again.stderr], [0, ""]);
    assert.match(
      again.stdout,
      /\nBits: {3}fingerprint [\da-f]{16}, identical to the predictions of the training run\n$/,
    );
    const bits = (text: string): string | undefined => /[\da-f]{16}/.exec(text.slice(text.indexOf("fingerprint")))?.[0];
    assert.equal(bits(again.stdout), bits(stdout));
  });
}

test("the same seed gives the same model file twice, another seed another", async () => {
  const files = ["a", "b", "c"].map((name) => join(folder, `${name}.safetensors`));
  const seeds = ["7", "7", "8"];
  for (const [index, save] of files.entries()) {
    const args = ["--epochs", "1", "--examples", "100", "--device", "wasm", "--seed", seeds[index]!, "--save", save];
    assert.equal((await run("digits", args)).status, 0);
  }
  const [a, b, c] = files.map((file) => readFileSync(file));
  assert.ok(a!.equals(b!));
  assert.ok(!a!.equals(c!));
});

test("predictions that are not those of the training are an error", async () => {
  const save = join(folder, "tampered.safetensors");
  assert.equal(
    (await run("digits", ["--epochs", "1", "--examples", "100", "--device", "wasm", "--save", save])).status,
    0,
  );
  const bytes = readFileSync(save);
  bytes[bytes.length - 40_000]! ^= 64;
  const before = bytes.indexOf('\\"predictions\\":\\"') + '\\"predictions\\":\\"'.length;
  assert.ok(before > 100);
  bytes[before] = bytes[before] === 48 ? 49 : 48;
  writeFileSync(save, bytes);
  const { status, stderr } = await run("digits", ["--predict", "--device", "wasm", "--save", save]);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^DataError: the predictions are not the bits that the training run predicted\n {2}training {2}[\da-f]{16} .*wasm.*\n {2}now /,
  );
});

test("Ctrl-C stops between two steps, says so, and writes nothing", async () => {
  const save = join(folder, "interrupted.safetensors");
  const { status, stderr } = await run(
    "digits",
    ["--epochs", "1000", "--examples", "100", "--device", "wasm", "--save", save],
    "Epoch 3/",
  );
  assert.equal(status, 130);
  assert.match(stderr, /^\nStopped by Ctrl-C; nothing was written\.\n$/);
  assert.throws(() => readFileSync(save), { code: "ENOENT" });
});

test("the written-out loop learns its spirals", async () => {
  const { status, stdout, stderr } = await run("loop", []);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(
    stdout,
    /^epoch {2}5: loss \d\.\d{4}\nepoch 10: loss \d\.\d{4}\nepoch 15: .*\nepoch 20: .*\naccuracy (?:9\d|100)\.\d%\n$/,
  );
});
