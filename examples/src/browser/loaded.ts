import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";

/** What a page loads. */
export interface Loaded {
  readonly bytes: number;
  readonly gzipBytes: number;
  /** The modules of the library that something was kept of, by their path below dist. */
  readonly modules: ReadonlySet<string>;
}

/** A program of this folder as one file: its text, for a page. */
export async function oneFile(name: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, name)],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["node:*"],
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]!.contents; // one file was asked for
}

type Outputs = Metafile["outputs"];

/** The files that `from` imports at once, itself first. */
function closure(outputs: Outputs, from: string, found = new Set<string>()): Set<string> {
  if (found.has(from)) return found;
  found.add(from);
  for (const { path, kind } of outputs[from]?.imports ?? [])
    if (kind === "import-statement") closure(outputs, path, found);
  return found;
}

const below = (path: string): string => path.slice(path.lastIndexOf("/dist/") + "/dist/".length);

/**
 * A program of this folder as a bundler splits it: what the page loads at first, and what it has loaded when the module of the
 * library at `later` ("device/wasm/index.js") is there as well.
 */
export async function loadedBy(name: string, later: string): Promise<{ readonly first: Loaded; readonly all: Loaded }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(import.meta.dirname, name)],
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    metafile: true,
    write: false,
    outdir: "/",
    logLevel: "silent",
  });
  const { outputs } = metafile;
  const bytesOf = new Map(outputFiles.map(({ path, contents }) => [path.slice(path.lastIndexOf("/") + 1), contents]));
  const sum = (files: ReadonlySet<string>): Loaded => {
    const contents = [...files].map((path) => bytesOf.get(path.slice(path.lastIndexOf("/") + 1))!); // each was written
    const inputs = [...files].flatMap((path) => Object.entries(outputs[path]!.inputs));
    return {
      bytes: contents.reduce((total, { length }) => total + length, 0),
      gzipBytes: contents.reduce((total, each) => total + gzipSync(each).length, 0),
      modules: new Set(inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [below(path)] : []))),
    };
  };
  const entryOf = (fits: (entryPoint: string) => boolean): string => {
    const found = Object.keys(outputs).find((path) => fits(outputs[path]!.entryPoint ?? ""));
    if (found === undefined) throw new Error(`no part of the bundle begins with ${later}`);
    return found;
  };
  const first = closure(
    outputs,
    entryOf((entry) => entry.endsWith(`${name}.js`)),
  );
  const all = closure(
    outputs,
    entryOf((entry) => entry.endsWith(`/dist/${later}`)),
    new Set(first),
  );
  return { first: sum(first), all: sum(all) };
}
