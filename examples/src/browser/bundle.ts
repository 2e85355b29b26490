import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

export interface Bundle {
  /** The program text of `page.js` and `worker.js`. */
  readonly files: ReadonlyMap<string, string>;
  /** What is still imported when the program runs; nothing, if it is self-contained. */
  readonly imports: readonly string[];
  /** Minified sizes, by file. */
  readonly sizes: ReadonlyMap<string, { readonly bytes: number; readonly gzipBytes: number }>;
}

/** The page and its worker as two self-contained scripts for browsers; nothing stands in for Node's modules. */
export async function bundle(): Promise<Bundle> {
  const names = ["page", "worker"];
  const { outputFiles, metafile } = await build({
    entryPoints: names.map((name) => join(import.meta.dirname, name)),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    metafile: true,
    write: false,
    outdir: "/",
    logLevel: "silent",
  });
  const files = outputFiles.map(({ path, text, contents }) => ({
    name: path.slice(path.lastIndexOf("/") + 1),
    text,
    contents,
  }));
  return {
    files: new Map(files.map(({ name, text }) => [name, text])),
    imports: Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path)),
    sizes: new Map(
      files.map(({ name, contents }) => [name, { bytes: contents.length, gzipBytes: gzipSync(contents).length }]),
    ),
  };
}
