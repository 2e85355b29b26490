// Runs all compiled tests: `node scripts/test.mjs [part of a path]...`. The last line is `N passed, N failed`.
import { readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folders = ["core/dist", "native/dist", "studio/dist", "examples/dist", "bench/dist"];
/** Test files that run at the same time, each in a process of its own; the machine of reference has two cores. */
const concurrency = 2;
const minutesPerFile = 10;

/** The test files whose path contains one of the filters (all, without filters). */
function testFiles(filters) {
  const files = folders.flatMap((folder) => {
    try {
      const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
      return names.filter((name) => /\.test\.m?js$/.test(name)).map((name) => join(root, folder, name));
    } catch (error) {
      if (error.code === "ENOENT") return [];
      throw error;
    }
  });
  return files.filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter))).sort();
}

const shown = (file) => (file === undefined ? "" : relative(root, file));

/** The message and, for our own code, the place of a failure. */
function printError(error) {
  const cause = error?.cause ?? error;
  if (cause === undefined) return "    failed without an error";
  const text = cause instanceof Error || cause?.stack ? String(cause.stack ?? cause.message) : String(cause);
  return text
    .split("\n")
    .filter((line) => !/^\s+at .*node:internal/.test(line))
    .map((line) => `    ${line}`)
    .join("\n");
}

/** Counts what the runner reports. Suites and the files themselves are no tests, but a file that breaks is a failure. */
async function runTests(files) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  const stderrOf = new Map();
  const fail = ({ name, file, details }) => {
    counts.failed++;
    const words = stderrOf.get(file)?.trim();
    const failure = `✗ ${shown(file)}: ${name}\n${printError(details.error)}${words ? `\n${words.slice(-4000)}` : ""}`;
    failures.push(failure);
    console.log(failure);
  };
  const isFile = ({ name, nesting }) => nesting === 0 && files.includes(resolve(name));
  const events = run({ files, concurrency, timeout: minutesPerFile * 60_000 });
  for await (const { type, data } of events) {
    if (type === "test:stderr") stderrOf.set(data.file, (stderrOf.get(data.file) ?? "") + data.message);
    // Tests may print what they count; frame lines of a child's own report never come through here.
    else if (type === "test:stdout") process.stdout.write(data.message);
    else if (type === "test:pass" && !isFile(data) && data.details?.type !== "suite") {
      if (data.skip !== undefined || data.todo !== undefined) counts.skipped++;
      else counts.passed++;
    } else if (type === "test:fail") {
      // A suite, or a file, fails when a test in it does; that one is counted already.
      const inherited = data.details?.error?.failureType === "subtestsFailed";
      if (!inherited) fail(data);
    }
  }
  return { counts, failures };
}

process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --conditions=chainrule-modules`.trim();
const files = testFiles(process.argv.slice(2));
const started = performance.now();
const { counts, failures } =
  files.length === 0 ? { counts: { passed: 0, failed: 0, skipped: 0 }, failures: [] } : await runTests(files);
if (failures.length > 0) console.log(`\n${failures.length} failures\n\n${failures.join("\n\n")}\n`);
if (files.length === 0) console.log("no test files: run `npm run build` first, or check the filter");
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`${files.length} files in ${seconds} s`);
const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
