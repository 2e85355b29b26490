import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = mkdtempSync(join(tmpdir(), "chainrule-cli-"));
after(() => rmSync(folder, { recursive: true }));

const program = fileURLToPath(new URL(`./program${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in a process of its own. */
const run = (args: readonly string[], { cwd = process.cwd(), env = {}, script = program } = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...process.execArgv.filter((flag) => !flag.startsWith("--test")), script, ...args],
      { cwd, env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env } },
      (_error, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });

test("--help prints a page and succeeds, wherever it stands", async () => {
  for (const args of [["--help"], ["-h"], ["help"], ["train", "digits", "--help"], ["train", "--epochs", "x", "-h"]]) {
    const { status, stdout, stderr } = await run(args);
    assert.deepEqual([status, stderr], [0, ""], args.join(" "));
    assert.match(stdout, /^chainrule: deep learning for TypeScript\n/);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 110, line);
  }
});

test("the program runs through a link, as npm makes one", async () => {
  const link = join(folder, "chainrule");
  symlinkSync(program, link);
  assert.equal((await run(["--help"], { script: link })).status, 0);
});

const writeProtected = join(folder, "protected");
mkdirSync(writeProtected);
chmodSync(writeProtected, 0o500);
writeFileSync(join(folder, "file"), "");
const isRoot = process.getuid?.() === 0;

const wrongUsage: readonly (readonly [args: string, line: RegExp])[] = [
  ["", /no command was given; chainrule --help lists them/],
  ["trian digits", /unknown command "trian"; did you mean "train"\?/],
  ["train", /what is to be trained\?; valid names are "digits"/],
  ["train digit", /unknown task "digit"; did you mean "digits"\?/],
  ["train digits now", /takes options only, received "now"/],
  ["train digits --epoch 5", /unknown option --epoch; did you mean "--epochs"\?/],
  ["train digits --epochs many", /--epochs takes a whole number of at least 1, received "many"/],
  ["train digits --batch-size 0", /--batch-size takes a whole number of at least 1, received "0"/],
  ["train digits --learning-rate -1", /--learning-rate takes a positive number/],
  ["train digits --device gpu", /--device: .*valid names are "native", "wasm", "reference"; received "gpu"/],
  [`train digits --json ${folder}/missing/out.json`, /--json: cannot write .*: there is no folder .*missing/],
  [`train digits --json ${folder}`, /--json: cannot write .*: it is a folder/],
  [`train digits --json ${folder}/file/out.json`, /--json: cannot write .*file is no folder/],
  ["train digits --save /dev/null", /--save: cannot write \/dev\/null: it is no ordinary file/],
  ["train digits --predict", /--predict needs the model that an earlier run saved: --save FILE/],
  ...(isRoot ? [] : [[`train digits --save ${writeProtected}/a.safetensors`, /--save: .*write-protected/] as const]),
];

for (const [args, line] of wrongUsage) {
  test(`"chainrule ${args.replaceAll(folder, "…")}" is one line and status 2`, async () => {
    const { status, stdout, stderr } = await run(args.split(" ").filter((word) => word !== ""));
    assert.deepEqual([status, stdout], [2, ""], stderr);
    assert.match(stderr, /^chainrule: [^\n]*\n$/);
    assert.match(stderr, line);
  });
}

test("an unknown CHAINRULE_DEVICE is wrong usage", async () => {
  const { status, stderr } = await run(["train", "digits"], { env: { CHAINRULE_DEVICE: "wsam" } });
  assert.equal(status, 2);
  assert.match(stderr, /^chainrule: CHAINRULE_DEVICE: there is no device "wsam"; did you mean "wasm"\?[^\n]*\n$/);
});

test("when the reader of the output goes away, the program ends quietly", async () => {
  const flags = process.execArgv.filter((flag) => !flag.startsWith("--test"));
  const child = spawn(
    process.execPath,
    [...flags, program, "train", "digits", "--device", "wasm", "--examples", "20", "--epochs", "1"],
    {
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => {
    stderr += text.toString();
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const status = await new Promise((resolve) => child.on("close", resolve));
  assert.deepEqual([status, stderr], [0, ""]);
});

test("a failure that is not the caller's has status 1 and the whole error", async () => {
  const missing = join(folder, "no-model.safetensors");
  const { status, stderr } = await run(["train", "digits", "--device", "reference", "--predict", "--save", missing]);
  assert.equal(status, 1);
  assert.match(stderr, /^DataError: cannot read .*no-model\.safetensors: no such file or folder\n/);
});

test("profile runs a script with its own arguments, and says where the time of its kernels went", async () => {
  const library = new URL(`../index${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url).href;
  const script = join(folder, "script.mjs");
  writeFileSync(
    script,
    `import { random } from ${JSON.stringify(library)};
     const x = random.uniform([64, 64]);
     console.log(process.argv.slice(2).join(), (await x.matmul(x).array()).length);`,
  );
  const [trace, json] = [join(folder, "trace.json"), join(folder, "profile.json")];
  const options = ["--device", "wasm", "--trace", trace, "--json", json];
  const { status, stdout, stderr } = await run(["profile", ...options, script, "--top", "7"]);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /^--top,7 64\n/);
  assert.match(stdout, /Limits of wasm, measured now: \d+ GFLOP\/s/);
  assert.match(stdout, /contract_64x64/);
  assert.match(stdout, /intermediate results \(arena\)/);
  const { kernels } = JSON.parse(readFileSync(json, "utf8"));
  assert.ok(kernels.some(({ multiplyAdds }: { multiplyAdds: number }) => multiplyAdds >= 64 ** 3));
  assert.ok(JSON.parse(readFileSync(trace, "utf8")).traceEvents.length > 2);
});

test("profile refuses what cannot be profiled in one line, before anything runs", async () => {
  const table: readonly (readonly [args: readonly string[], expected: RegExp])[] = [
    [[], /what is to be profiled/],
    [["missing.mjs"], /there is no script .*missing\.mjs/],
    [["--trace"], /--trace needs a value/],
    [["--trace", join(folder, "no", "t.json"), "train", "digits"], /--trace: cannot write/],
    [["train", "letters"], /unknown task "letters"/],
  ];
  for (const [args, expected] of table) {
    const { status, stderr } = await run(["profile", ...args]);
    assert.equal(status, 2, stderr);
    assert.match(stderr, expected);
    assert.equal(stderr.trim().split("\n").length, 1);
  }
});
