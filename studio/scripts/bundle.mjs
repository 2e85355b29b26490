// Bundles the page into studio/dist/page: `node studio/scripts/bundle.mjs`. All files lie flat beside index.html.
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const studio = join(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(studio, "page");
const target = join(studio, "dist", "page");

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const shared = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  outdir: target,
  logLevel: "warning",
};
// Screens are chunks that load when they are opened; what several need is shared.
await build({ ...shared, entryPoints: [join(source, "page.tsx")], splitting: true, chunkNames: "[name]-[hash]" });
// Workers are scripts that are whole in themselves: a page from a file may have no others.
await build({
  ...shared,
  format: "iife",
  alias: { "ml-levenberg-marquardt": join(source, "worker", "curveFit.ts") },
  entryPoints: [
    { in: join(source, "worker", "run.ts"), out: "run" },
    { in: join(source, "worker", "layout.ts"), out: "layout" },
    { in: join(source, "worker", "projection.ts"), out: "projection" },
  ],
});
await build({ ...shared, entryPoints: [join(source, "page.css"), join(source, "screens.css")] });
for (const name of ["index.html", "icon.svg"]) copyFileSync(join(source, name), join(target, name));
// What an export of a run takes along.
const names = readdirSync(target).filter((name) => /\.(?:js|css)$/.test(name));
writeFileSync(join(target, "files.json"), JSON.stringify(names));
