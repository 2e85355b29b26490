import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

// The programs of docs/*.md: the ```ts fences of one section (from one "## " to the next) are one program. All are compiled
// with the project's own strictness, and run in an empty folder. What a line prints may stand behind it: `// → text`.

const run = promisify(execFile);
const core = join(dirname(fileURLToPath(import.meta.url)), "..");
const docs = join(core, "..", "docs");
/** Inside of the package, so that programs import it by its name. */
const workplace = join(core, "dist", "docs");
after(() => rm(workplace, { recursive: true, force: true }));

interface Program {
  readonly page: string;
  readonly section: string;
  readonly file: string;
  readonly text: string;
}

/** The programs of a page, with a line for each of its lines, so that errors name the page's own. */
function programsOf(page: string, markdown: string): Program[] {
  const programs: Program[] = [];
  let section = "";
  let lines: string[] = [];
  let fenced = false;
  const finish = (): void => {
    const text = lines.join("\n");
    const file = `${page.replace(/\.md$/, "")}-${programs.length}`;
    if (text.trim() !== "") programs.push({ page, section, file, text: `export {};${text}\n` });
  };
  markdown.split("\n").forEach((line, number) => {
    if (fenced && line === "```") fenced = false;
    else if (fenced) lines.push(line);
    else if (line === "```ts") {
      fenced = true;
      // A fence begins in the program where it begins in the page.
      while (lines.length <= number) lines.push("");
    } else if (line.startsWith("## ")) {
      finish();
      [section, lines] = [line.slice(3), []];
    }
  });
  finish();
  return programs;
}

/** What the comments of a program say that it prints. */
const expectedOf = (text: string): string[] => [...text.matchAll(/\/\/ → (.*)$/gm)].map(([, line]) => line!);

// Before the first test: what is awaited between tests lets the hook at the end come too early.
const pages = (await readdir(docs)).filter((name) => name.endsWith(".md")).sort();
const programs = (
  await Promise.all(pages.map(async (page) => programsOf(page, await readFile(join(docs, page), "utf8"))))
).flat();

test("programs are taken from pages by sections, at their lines", () => {
  const page =
    "# T\n```ts\na\n```\ntext\n## One\n```ts\nb\n```\n```js\nno\n```\n```ts\nc // → 5\n```\n## Two\nnothing\n";
  const programs = programsOf("p.md", page);
  assert.deepEqual(
    programs.map(({ section, text }) => [section, text]),
    [
      ["", "export {};\n\na\n"],
      ["One", `export {};${"\n".repeat(7)}b${"\n".repeat(6)}c // → 5\n`],
    ],
  );
  assert.deepEqual(
    programs.map(({ text }) => expectedOf(text)),
    [[], ["5"]],
  );
});

test("the programs of the pages compile", async () => {
  await rm(workplace, { recursive: true, force: true });
  await mkdir(workplace, { recursive: true });
  for (const { file, text } of programs) await writeFile(join(workplace, `${file}.ts`), text);
  const config = {
    extends: "../../../tsconfig.base.json",
    compilerOptions: { composite: false, incremental: false, declaration: false, sourceMap: false, types: ["node"] },
    include: ["*.ts"],
  };
  await writeFile(join(workplace, "tsconfig.json"), JSON.stringify(config));
  const compiler = join(core, "..", "node_modules", "typescript", "bin", "tsc");
  const { stdout } = await run(process.execPath, [compiler, "-p", workplace], { timeout: 120_000 }).catch(
    (error: { stdout?: string; message: string }) => ({ stdout: error.stdout || error.message }),
  );
  assert.equal(stdout, "");
});

for (const { page, section, file, text } of programs) {
  test(`${page}: ${section} runs, and prints what it says`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "chainrule-docs-"));
    try {
      const { stdout } = await run(process.execPath, [join(workplace, `${file}.js`)], {
        cwd: folder,
        timeout: 120_000,
      });
      const printed = stdout.split("\n");
      // In this order; other lines may stand between.
      let from = 0;
      for (const line of expectedOf(text)) {
        const found = printed.indexOf(line, from);
        assert.notEqual(found, -1, `it does not print "${line}", but\n${printed.slice(from).join("\n")}`);
        from = found + 1;
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}
