import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { loadDigits } from "chainrule/cli";
import { type Browser, chromium } from "playwright-core";
import { type Bundle, bundle } from "./browser/bundle.ts";
import type { PageResult, PageSettings } from "./browser/page.ts";
import { type Digits, serve } from "./browser/server.ts";
import { train } from "./browser/training.ts";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const examples = 768;
const settings = { epochs: 3, batchSize: 64, seed: 1 };
const steps = 36;
const secondsPerTest = 180;

/** Largest pause of the page's thread: training, had it run there, would have blocked it for seconds. */
const longestPauseMs = 1000;

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;

let browser: Browser;
let program: Bundle;
let digits: Digits;

before(async () => {
  assert.ok(
    existsSync(executablePath),
    `the browser tests need Chromium at ${executablePath}: apt-get install chromium, or set CHROMIUM`,
  );
  program = await bundle();
  const { train } = await loadDigits();
  const { data } = train.x.slice(0, examples);
  assert.ok(data instanceof Float32Array);
  digits = { images: data.slice(), labels: Uint8Array.from(train.y.slice(0, examples).data) };
  browser = await chromium.launch({
    executablePath,
    // Root has no sandbox here; the others keep Chromium from looking for its servers.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});
after(() => browser?.close());

test("the browser bundle is self-contained: no imports, no Node modules", () => {
  assert.deepEqual(program.imports, []);
  for (const [name, text] of program.files) {
    assert.doesNotMatch(text, /\b(?:from|import|require)\s*\(?\s*["'`]node:/, `${name} imports a Node module`);
  }
  for (const [name, { bytes, gzipBytes }] of program.sizes) {
    console.log(`browser bundle ${name}: ${kilobytes(bytes)} minified, ${kilobytes(gzipBytes)} with gzip`);
  }
});

/** Pages that may share memory compute on threads, others on the worker's own; each gets Node's bits with the same settings. */
const cases: readonly {
  readonly isolated: boolean;
  readonly use: Pick<PageSettings, "threads" | "relaxed" | "sharing">;
}[] = [
  { isolated: true, use: { threads: 2, relaxed: false, sharing: "automatic" } },
  { isolated: true, use: { threads: 2, relaxed: true, sharing: "automatic" } },
  { isolated: false, use: { threads: 1, relaxed: false, sharing: "none" } },
];

for (const { isolated, use } of cases) {
  const title = `a page ${isolated ? "with" : "without"} cross-origin isolation trains to Node's bits${use.relaxed ? ", with relaxed SIMD" : ""}`;
  test(title, { timeout: secondsPerTest * 1000 }, async () => {
    const inPage = await trainInPage({ ...settings, ...use, sharing: "automatic" }, isolated);
    const inNode = await train({ ...settings, ...use, ...digits });

    assert.equal(inPage.isolated, isolated);
    if (isolated) assert.equal(inPage.device, inNode.device);
    else assert.match(inPage.device, /1 thread, no shared memory: the page is not cross-origin isolated/);
    assert.equal(inPage.losses.length, steps);
    assert.deepEqual(inPage.losses, inNode.losses);
    assert.equal(inPage.weights, inNode.weights);
    const [first = 0, last = 0] = [inPage.losses[0], inPage.losses.at(-1)];
    assert.ok(last < first / 2, `the loss fell only from ${first} to ${last}`);

    const { turns, longestGapMs, milliseconds } = inPage;
    const said = `${turns} turns in ${milliseconds.toFixed(0)} ms, longest pause ${longestGapMs.toFixed(0)} ms`;
    assert.ok(longestGapMs < Math.min(longestPauseMs, milliseconds / 2), `the page was blocked: ${said}`);
    console.log(`page ${isolated ? "with" : "without"} isolation: ${inPage.device}; ${said}`);
  });
}

/** What page.ts puts into the page's globals. */
interface PageProgram {
  run(settings: PageSettings): Promise<PageResult>;
}

/** Opens the page in a context of its own and runs the program there; errors of the page fail the test. */
async function trainInPage(pageSettings: PageSettings, isolated: boolean): Promise<PageResult> {
  const site = await serve(program, digits, { isolated });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    await page.goto(site.url);
    await page.waitForFunction("globalThis.run !== undefined");
    const result = await page.evaluate((given) => (globalThis as unknown as PageProgram).run(given), pageSettings);
    assert.deepEqual(errors, []);
    return result;
  } finally {
    await context.close();
    await site.close();
  }
}
