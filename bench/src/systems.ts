import { execFile } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Command } from "./child.ts";
import { type OurDevice, UsageError } from "./options.ts";
import type { Progress } from "./progress.ts";
import { ours } from "./table.ts";

/** A framework on a device: who runs in the race. */
export interface System {
  /** As results name it. */
  readonly name: string;
  /** For people. */
  readonly label: string;
  readonly version: string;
  /** Where it computes, as far as that is known before it runs. */
  readonly device: string;
  readonly command: Command;
  /** Other ways to start the worker: the fastest one races. */
  readonly alternatives?: readonly Command[];
  /** Starts, makes W2's model, takes one step, writes a line and ends. Absent: not timed. */
  readonly cold?: Command;
  /** What a user installs, as a package of bench/peers; absent for ours and for Python. */
  readonly packages?: readonly string[];
}

const run = promisify(execFile);

/** The folder of this package, from dist/ as from src/. */
export const home = fileURLToPath(new URL("..", import.meta.url));
export const peersHome = `${home}peers/`;

/** Refuses to race with code of yesterday: what Node imports is bundled from the compiled modules (core/scripts/bundle.mjs). */
export function requireFreshBundle(): void {
  const changed = (file: string): number =>
    statSync(`${home}../core/dist/${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changed("node/entries/index.js") < Math.max(changed("index.js"), changed(".tsbuildinfo")))
    throw new UsageError("core was compiled after it was bundled for Node: npm run build");
}

/** The version of the package in `folder`. */
export function versionIn(folder: string): string {
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as { readonly version: string }; // npm's format
  return version;
}

const node = (file: string, ...args: string[]): Command => ({ program: process.execPath, args: [file, ...args] });

export const ourSystem = (device: OurDevice): System => ({
  name: ours,
  label: `${ours} ${device}`,
  device,
  version: versionIn(`${home}../core`),
  command: node(`${home}dist/worker.js`, device),
  cold: node(`${home}dist/coldStep.js`, device),
});

const peers: readonly {
  readonly name: string;
  readonly file: string;
  readonly device: string;
  readonly packages: readonly [string, ...string[]];
  readonly trains: boolean;
}[] = [
  { name: "jax-js", file: "jax.mjs", device: "wasm", packages: ["@jax-js/jax"], trains: true },
  {
    name: "tensorflow.js",
    file: "tensorflow.mjs",
    device: "wasm",
    packages: ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"],
    trains: true,
  },
  { name: "onnxruntime", file: "onnxruntime.mjs", device: "cpu", packages: ["onnxruntime-node"], trains: false },
];

/** The peers that this machine has; what is missing is named, with what to do. */
export async function findPeers(python: string | undefined, progress: Progress): Promise<System[]> {
  const found: System[] = [];
  const torch = await findTorch(python);
  if (torch === undefined) progress.line("pytorch is skipped: no Python here has torch (--python PATH names one)");
  else {
    const script = `${peersHome}torch_worker.py`;
    found.push({
      name: "pytorch",
      label: `pytorch ${torch.version}`,
      version: torch.version,
      device: "cpu",
      command: { program: torch.path, args: ["-u", script] },
      // Threads that spin while they wait are quick on an idle machine, and a disaster on one that is shared.
      alternatives: [{ program: torch.path, args: ["-u", script], env: { OMP_WAIT_POLICY: "passive" } }],
      cold: { program: torch.path, args: ["-u", script, "cold"] },
    });
  }
  for (const { name, file, device, packages, trains } of peers) {
    const missing = packages.filter((each) => !existsSync(`${peersHome}node_modules/${each}/package.json`));
    if (missing.length > 0) {
      progress.line(`${name} is skipped: ${missing.join(", ")} not installed (npm install --prefix bench/peers)`);
      continue;
    }
    const command = node(`${peersHome}${file}`);
    found.push({
      name,
      label: name,
      version: versionIn(`${peersHome}node_modules/${packages[0]}`),
      device,
      command,
      packages,
      ...(trains ? { cold: node(`${peersHome}${file}`, "cold") } : {}),
    });
  }
  return found;
}

/** The Python to use: the one asked for, else the first with torch, newer versions of it first. */
async function findTorch(
  python: string | undefined,
): Promise<{ readonly path: string; readonly version: string } | undefined> {
  const candidates = python === undefined ? ["python3", "python", "/usr/bin/python3"] : [python];
  const found = [];
  for (const path of candidates) {
    const version = await torchVersion(path);
    if (version !== undefined) found.push({ path, version });
  }
  if (python !== undefined && found.length === 0)
    throw new UsageError(`--python ${python}: there is no Python with torch`);
  const major = ({ version }: { readonly version: string }): number => Number.parseInt(version, 10);
  return found.sort((a, b) => major(b) - major(a))[0];
}

async function torchVersion(python: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(python, ["-c", "import torch; print(torch.__version__)"], { timeout: 60_000 });
    const version = stdout.trim();
    return /^\d+\./.test(version) ? version : undefined;
  } catch {
    return undefined;
  }
}
