import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

// What `npm install` gives people, packed and unpacked in a folder of its own: Node gets bundled files (core/scripts/bundle.mjs),
// the other tests the modules. Both must be the same library.

const root = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "chainrule-installed-"));
after(() => rmSync(folder, { recursive: true }));
const run = promisify(execFile);
const modules = join(folder, "node_modules");
const installed = join(modules, "chainrule");

/** Puts what would be published of a workspace where npm would put it. */
async function install(workspace: string, target: string): Promise<void> {
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: join(root, workspace),
  });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]; // npm's documented output
  mkdirSync(target, { recursive: true });
  await run("tar", ["-xzf", join(folder, filename), "-C", target, "--strip-components", "1"]);
}

before(async () => {
  await Promise.all([install("core", installed), install("native", join(modules, "@chainrule", "native"))]);
  for (const dependency of ["koffi", "@koromix", "h5wasm", "fflate"]) {
    const from = join(root, "node_modules", dependency);
    symlinkSync(from, join(modules, dependency));
  }
  for (const program of ["app.js", "names.js"])
    copyFileSync(join(import.meta.dirname, "installed", program), join(folder, program.replace(/js$/, "mjs")));
});

/** What a program prints as JSON: with the bundled files, or with the modules. */
async function printed(conditions: string, program: string, ...args: readonly string[]): Promise<unknown> {
  const env = { ...process.env, NODE_OPTIONS: conditions, NODE_TEST_CONTEXT: undefined };
  const { stdout } = await run(process.execPath, [join(folder, program), ...args], { cwd: folder, env });
  return JSON.parse(stdout);
}
const bundled = "";
const asModules = "--conditions=chainrule-modules";

test("every entry exports the same names from the bundled files as from the modules, and classes keep theirs", async () => {
  const folders = readdirSync(join(installed, "dist"));
  const floors = folders.filter((name) => existsSync(join(installed, "dist", name, "index.js"))); // not what tests that run meanwhile leave there
  assert.ok(floors.length > 20, `${floors}`);
  const entries = ["", "/layers", "/keras", "/device/wasm", ...floors.map((name) => `/${name}`)];
  const specifiers = entries.map((entry) => `chainrule${entry}`);
  assert.deepEqual(
    await printed(bundled, "names.mjs", ...specifiers),
    await printed(asModules, "names.mjs", ...specifiers),
  );
});

test("the bundled files train, map in threads, read files of Keras and name a user's line, bit for bit as the modules do", async () => {
  const found = await printed(bundled, "app.mjs", "native", "wasm");
  assert.deepEqual(found, await printed(asModules, "app.mjs", "native", "wasm"));
  const { native, squares, blamed } = found as {
    native: { losses: readonly number[]; sums: readonly number[] };
    squares: readonly number[];
    blamed: readonly string[];
  };
  assert.ok(native.losses[1]! < native.losses[0]!, `${native.losses}`);
  assert.equal(native.sums[0], native.sums[1]);
  assert.deepEqual(squares, [0, 1, 4, 9]);
  const lines = readFileSync(join(folder, "app.mjs"), "utf8").split("\n");
  const planted = lines.findIndex((line) => line.includes("log(output.sub(output))")) + 1;
  assert.deepEqual(blamed, [`app.mjs:${planted}`]);
});

test("the installed program runs through npm's link, and Node loads few files of the package", async () => {
  const { bin } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as { bin: { chainrule: string } };
  const link = join(folder, "chainrule");
  symlinkSync(join(installed, bin.chainrule), link);
  const { stdout } = await run(process.execPath, [link, "--help"], { env: { ...process.env, NODE_OPTIONS: "" } });
  assert.match(stdout, /^chainrule: deep learning/);
  const files = readdirSync(join(installed, "dist", "node"), { recursive: true });
  assert.ok(files.length < 150, `${files.length} files`);
});
