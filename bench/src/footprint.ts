import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import type { Progress } from "./progress.ts";
import { home, peersHome, type System, versionIn } from "./systems.ts";
import { formatNumber, ours, type Result } from "./table.ts";
import type { Unit } from "./workloads/workload.ts";

const root = join(home, "..");
const run = promisify(execFile);

interface PackageFile {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What installing takes on the disk, and what a W2 training script weighs in a page. */
export async function measureFootprint(systems: readonly System[], progress: Progress): Promise<Result[]> {
  const results: Result[] = [];
  const add = (workload: string, system: string, version: string, unit: Unit, value: number): void => {
    results.push({
      workload,
      system,
      version,
      device: "",
      threads: 0,
      unit,
      median: value,
      best: value,
      runs: [value],
      peakBytes: null,
    });
    progress.line(`${workload}: ${system} ${formatNumber(value)} ${unit}`);
  };
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      progress.line(`${what} failed: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
    }
  };
  const withPackages = systems.filter(({ packages }) => packages !== undefined);
  const version = versionIn(join(root, "core"));

  await attempt("W9 installed", async () => {
    const core = await packedBytes(join(root, "core"));
    const native = (await packedBytes(join(root, "native"))) + closureBytes(["koffi"], join(root, "node_modules"));
    add("W9 installed", ours, version, "MB", (core + native) / 1e6);
  });
  for (const { name, version, packages } of withPackages) {
    const modules = join(peersHome, "node_modules");
    await attempt("W9 installed", async () => {
      add("W9 installed", name, version, "MB", closureBytes(packages!, modules) / 1e6);
    });
  }

  await attempt("W9 bundle", async () =>
    add("W9 bundle", ours, version, "KB", (await bundledBytes(join(home, "dist/mlpScript.js"))) / 1e3),
  );
  for (const { name, version } of withPackages) {
    const script = join(peersHome, "scripts", `${name}.mjs`);
    if (!existsSync(script)) continue;
    await attempt("W9 bundle", async () => {
      add("W9 bundle", name, version, "KB", (await bundledBytes(script)) / 1e3);
    });
  }
  return results;
}

// Files of npm's own format.
const readPackage = (folder: string): PackageFile =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageFile;

/** Bytes of what `npm pack` would publish, unpacked. */
async function packedBytes(folder: string): Promise<number> {
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: folder });
  const [{ unpackedSize }] = JSON.parse(stdout) as [{ unpackedSize: number }]; // npm's documented output
  return unpackedSize;
}

/** Bytes of packages and all that they depend on, as installed in `modules`. */
function closureBytes(packages: readonly string[], modules: string): number {
  const found = new Set<string>();
  const open = [...packages];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const folder = join(modules, name);
    if (found.has(folder) || !existsSync(join(folder, "package.json"))) continue;
    found.add(folder);
    const { dependencies, optionalDependencies } = readPackage(folder);
    open.push(...Object.keys({ ...dependencies, ...optionalDependencies }));
  }
  return [...found].reduce((sum, folder) => sum + folderBytes(folder), 0);
}

const folderBytes = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);

/** The part of esbuild that is used; it comes with the examples' development dependencies. */
interface Esbuild {
  build(options: object): Promise<{ readonly outputFiles: readonly { readonly contents: Uint8Array }[] }>;
}

/** Bytes of a script with everything that it imports, for a browser: minified, then gzipped. */
async function bundledBytes(script: string): Promise<number> {
  const require = createRequire(join(root, "examples", "package.json"));
  const esbuild = require("esbuild") as Esbuild; // as its documentation declares it
  const { outputFiles } = await esbuild.build({
    entryPoints: [script],
    absWorkingDir: dirname(script),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    write: false,
    logLevel: "silent",
    external: ["node:*"],
  });
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).byteLength, 0);
}
