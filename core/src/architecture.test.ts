import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** The folders, ground to roof: a file imports from its own folder or from folders before it. */
const order = [
  "base",
  "record",
  "graph",
  "reference",
  "ops",
  "autodiff",
  "kernel",
  "render",
  "compiler",
  "device",
  "engine",
  "tensor",
  "nn",
  "optim",
  "formats",
  "download",
  "data",
  "tokenizers",
  "datasets",
  "observe",
  "train",
  "model",
  "session",
  "cli",
];

/** Lines that a file may have, tests excepted. */
const longestFile = 400;
/** Files that may be longer, and why. */
const longer = new Map([["tensor/tensor.ts", 690]]); // one class, a line of façade a method

const here = dirname(fileURLToPath(import.meta.url));
// The compiled test stands in dist/, the sources beside it in src/.
const root = join(here, "..", "src");

interface Source {
  /** Relative to src, with forward slashes. */
  readonly path: string;
  /** The folder under src; "" for files such as index.ts, which may import everything. */
  readonly folder: string;
  readonly text: string;
  readonly isTest: boolean;
}

const sources: readonly Source[] = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({
    path,
    folder: path.includes("/") ? path.slice(0, path.indexOf("/")) : "",
    text: readFileSync(join(root, path), "utf8"),
    isTest: /\.test\.(\w+\.)?ts$/.test(path),
  }));

/** The modules that a text imports or exports from, statically or by `import()`, types included. */
const importsOf = (text: string): string[] =>
  [
    ...withoutComments(text).matchAll(
      /(?:^\s*(?:import|export)\b[^;"'`]*?\bfrom|^\s*import|\bimport\()\s*["']([^"'\n]+)["']/gm,
    ),
  ].map((match) => match[1]!);

/** Comments removed, with a scanner that leaves strings alone; template literals count as strings. */
const withoutComments = (text: string): string =>
  text.replace(/("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "$1");

/** Code alone: neither comments nor what is inside strings. */
const codeOf = (text: string): string =>
  withoutComments(text).replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g, '""');

/** Problems that `find` reports for the sources, as "path: problem", joined for one assertion. */
const problems = (find: (source: Source) => readonly string[]): string =>
  sources.flatMap((source) => find(source).map((problem) => `${source.path}: ${problem}`)).join("\n");

test("the scanner sees what it must see", () => {
  const sample = `import a from "./a.ts"; // from "./comment.ts"
export * from '../b.ts';
import "./side.ts";
const c = await import("./c.ts");
const text = "http://x /* not a comment */" + Array.from("not an import");
type Read = Omit<Edge, "from" | "to">;
import {
  d,
} from "./d.ts";`;
  assert.deepEqual(importsOf(sample), ["./a.ts", "../b.ts", "./side.ts", "./c.ts", "./d.ts"]);
  assert.equal(codeOf('const x = "any"; // any'), 'const x = ""; ');
  assert.ok(sources.length > 10, "the sources were not found");
});

test("every folder has its place in the order", () => {
  const unknown = sources.filter(({ folder }) => folder !== "" && !order.includes(folder));
  assert.deepEqual(
    unknown.map(({ path }) => path),
    [],
  );
});

test("imports go down", () => {
  const upward = problems(({ path, folder, text, isTest }) => {
    // Tests may look at everything: a test of the ground floor may need a device.
    if (folder === "" || isTest) return [];
    return importsOf(text)
      .filter((module) => module.startsWith("."))
      .map((module) => relative(root, join(root, dirname(path), module)).replaceAll("\\", "/"))
      .filter((target) => {
        const to = target.includes("/") ? target.slice(0, target.indexOf("/")) : "";
        return to !== folder && (to === "" || order.indexOf(to) > order.indexOf(folder));
      })
      .map((target) => `imports ${target}`);
  });
  assert.equal(upward, "");
});

/** What the package itself calls by a name (`#keras`), with its files: one or the other, by who loads it. */
const ownNames = Object.keys(
  (JSON.parse(readFileSync(join(root, "..", "package.json"), "utf8")) as { readonly imports: object }).imports, // as npm has it
);

test("the core imports no packages, and Node only in tests and cli", () => {
  const foreign = problems(({ folder, text, isTest }) =>
    importsOf(text)
      .filter((module) => !module.startsWith(".") && !ownNames.includes(module))
      .filter((module) => !(module.startsWith("node:") && (isTest || folder === "cli")))
      .map((module) => `imports ${module}`),
  );
  assert.equal(foreign, "");
});

test("relative imports name a TypeScript file", () => {
  const wrong = problems(({ text }) =>
    importsOf(text)
      .filter((module) => module.startsWith(".") && !module.endsWith(".ts"))
      .map((module) => `imports ${module}`),
  );
  assert.equal(wrong, "");
});

test(`no file has more than ${longestFile} lines`, () => {
  const long = problems(({ path, text, isTest }) => {
    const lines = text.trimEnd().split("\n").length;
    return isTest || lines <= (longer.get(path) ?? longestFile) ? [] : [`${lines} lines`];
  });
  assert.equal(long, "");
});

test("no any, no enum, no namespace, nothing left to do", () => {
  const forbidden: readonly (readonly [RegExp, string])[] = [
    [/(?::|\bas|<|\||&|,|=)\s*any\b(?!\s*[:(])/, "uses any"],
    [/\benum\s+\w+\s*\{/, "declares an enum"],
    [/\bnamespace\s+\w+\s*\{/, "declares a namespace"],
  ];
  const found = problems(({ path, text }) => {
    const code = codeOf(text);
    const bad = forbidden.filter(([pattern]) => pattern.test(code)).map(([, name]) => name);
    // This file must name the word that it forbids.
    const unfinished = path !== "architecture.test.ts" && /\b(?:TODO|FIXME|XXX)\b/.test(text);
    return unfinished ? [...bad, "has unfinished business (TODO)"] : bad;
  });
  assert.equal(found, "");
});
