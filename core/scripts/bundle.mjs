// Bundles the package for Node into dist/node: `node core/scripts/bundle.mjs`. Node takes four times as long to import some five
// hundred modules as to import the same code from a few files. Bundlers get the modules, of which they keep what a page uses.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const core = join(dirname(fileURLToPath(import.meta.url)), "..");
const { bin, exports } = JSON.parse(readFileSync(join(core, "package.json"), "utf8"));

/** The module behind each file that package.json promises to Node; a `*` stands for every folder of dist that has an index. */
function entries() {
  const found = Object.values(exports).flatMap(({ node, default: module }) => {
    if (node === undefined) return [];
    if (!node.includes("*")) return [[node, module]];
    const floors = readdirSync(join(core, "dist")).filter((name) => existsSync(join(core, module.replace("*", name))));
    return floors.map((name) => [node.replace("*", name), module.replace("*", name)]);
  });
  return [...found, [bin.chainrule, "dist/cli/program.js"]];
}

// All files lie one folder below the target, so that a relative URL in a module (`new URL("../workers/answer.js",
// import.meta.url)`) holds in whichever of them the module ends up.
const target = join(core, "dist", "node");
rmSync(target, { recursive: true, force: true });
const { outputFiles } = await build({
  entryPoints: [...entries(), ["./dist/node/workers/answer.js", "dist/data/workers/answer.js"]].map(
    ([file, module]) => ({
      in: join(core, module),
      out: relative(target, join(core, file)).replace(/\.js$/, ""),
    }),
  ),
  outdir: target,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  external: ["#keras"],
  chunkNames: "chunks/[hash]",
  legalComments: "none",
  logLevel: "warning",
  write: false,
});

/** esbuild gives a class that mentions itself a second name (`var Tensor = class _Tensor`), which people would see when they print one. */
function withOwnNames(code) {
  const classes = [...code.matchAll(/\bvar (\w+) = class _\1\b/g)].map(([, name]) => name);
  return classes.length === 0 ? code : code.replace(new RegExp(`\\b_(${classes.join("|")})\\b`, "g"), "$1");
}

for (const { path, text } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, withOwnNames(text));
}
