import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// TypeScript's compiler as a user has it: run on files that import the library as it is published.

/** What runs the compiler: Node with its script. */
export const compiler = join(dirname(fileURLToPath(import.meta.resolve("typescript/package.json"))), "bin/tsc");
/** This workspace, in which "chainrule" is found. */
export const workspace = join(import.meta.dirname, "../..");

export interface Checked {
  /** One error an entry: where it is and, with what TypeScript adds, what it says. */
  readonly errors: readonly { readonly line: number; readonly text: string }[];
  /** The figures of --extendedDiagnostics by name. */
  readonly figures: Readonly<Record<string, number>>;
}

const options = {
  target: "ES2023",
  module: "NodeNext",
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  declaration: true,
  types: [],
};

/** Checks one file; errors of other files are errors of the test. */
export async function checkFile(file: string): Promise<Checked> {
  const folder = await mkdtemp(join(workspace, "dist/.check-"));
  try {
    const project = join(folder, "tsconfig.json");
    await writeFile(project, JSON.stringify({ compilerOptions: options, files: [file] }));
    return read(await output([compiler, "-p", project, "--extendedDiagnostics", "--pretty", "false"]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Checks a program given as text. */
export async function checkText(text: string): Promise<Checked> {
  const folder = await mkdtemp(join(workspace, "dist/.check-"));
  try {
    const file = join(folder, "program.ts");
    await writeFile(file, text);
    return await checkFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const output = (given: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    // It exits with an error where the program has some; only what could not be run at all is a failure here.
    execFile(process.execPath, given, { encoding: "utf8", maxBuffer: 1 << 24 }, (error, stdout) => {
      if (error !== null && stdout === "") reject(error);
      else resolve(stdout);
    });
  });

function read(printed: string): Checked {
  const errors: { line: number; text: string }[] = [];
  const figures: Record<string, number> = {};
  for (const line of printed.split("\n")) {
    const [, at, text] = /^[^\s].*\((\d+),\d+\): error (.*)$/.exec(line) ?? [];
    const [, name, value] = /^([A-Z][A-Za-z ]+): +([\d.]+)/.exec(line) ?? [];
    const last = errors.at(-1);
    if (at !== undefined && text !== undefined) errors.push({ line: Number(at), text });
    else if (/^\s/.test(line) && last !== undefined) last.text += `\n${line}`;
    else if (name !== undefined) figures[name] = Number(value);
  }
  return { errors, figures };
}
