import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** A headless Chromium that talks to nobody by itself. */
export async function launch(): Promise<Browser> {
  if (!existsSync(executablePath))
    throw new Error(
      `the tests of the page need Chromium at ${executablePath}: apt-get install chromium, or set CHROMIUM`,
    );
  return chromium.launch({
    executablePath,
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
}

/** A folder of runs, as the recorder leaves them. */
export function writeRuns(runs: ReadonlyMap<string, Uint8Array>): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "studio-page-"));
  for (const [id, bytes] of runs) {
    mkdirSync(join(folder, id), { recursive: true });
    writeFileSync(join(folder, id, "log"), bytes);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A page of the studio, and everything that it should not have done. */
export interface OpenPage {
  readonly page: Page;
  /** Errors of scripts and of the console, reports of the content policy, requests to others. */
  readonly troubles: readonly string[];
  /** Bytes as they would travel, by address: what was loaded so far. */
  readonly loaded: ReadonlySet<string>;
  /** Goes to a screen, of a run if one is named, and waits until it is there. */
  show(screen: string, run?: string): Promise<void>;
  close(): Promise<void>;
}

export async function openPage(browser: Browser, link: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: "no-preference",
    ...options,
  });
  const page = await context.newPage();
  const troubles: string[] = [];
  const loaded = new Set<string>();
  page.on("pageerror", ({ message }) => troubles.push(`error: ${message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") troubles.push(`console: ${message.text()}`);
  });
  const origin = new URL(link).origin;
  page.on("request", (request) => {
    const { protocol, origin: to, href } = new URL(request.url());
    loaded.add(href);
    if (to !== origin && protocol !== "blob:" && protocol !== "data:") troubles.push(`a request to ${href}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      console.error(`policy: ${violatedDirective} ${blockedURI}`),
    );
  });
  await page.goto(link);
  await page.waitForSelector("main[data-screen]");
  return {
    page,
    troubles,
    loaded,
    show: async (screen, run) => {
      await page.evaluate(
        ([to, id]) => {
          location.hash = id === undefined ? `#${to}` : `#${to}&run=${id}`;
        },
        [screen, run] as const,
      );
      // A locator: a handle would keep the panel in memory when the page has let it go.
      await page.locator(`main[data-screen="${screen}"] .panel`).first().waitFor();
    },
    close: () => context.close(),
  };
}

/** Waits until the function says yes in the page, or tells what it said last. */
export async function until<T>(page: Page, what: string, ask: () => Promise<T>, is: (told: T) => boolean): Promise<T> {
  const seconds = 120; // it is there to end a test that hangs, on any machine
  const end = Date.now() + 1000 * seconds;
  let told = await ask();
  while (!is(told)) {
    if (Date.now() > end) throw new Error(`${what}: not so after ${seconds} s; at last: ${JSON.stringify(told)}`);
    await page.waitForTimeout(60);
    told = await ask();
  }
  return told;
}

/** The rows of a figure's table, by the figure's title, or by what its panel has. */
export async function tableOf(page: Page, title: string | Locator): Promise<{ columns: string[]; rows: string[][] }> {
  const panel = page
    .locator("section.panel", {
      has: typeof title === "string" ? page.locator("h2", { hasText: new RegExp(`^${title}$`, "i") }) : title,
    })
    .first();
  const turn = panel.locator("button.table-switch");
  await turn.click();
  const table = panel.locator("> .table-scroll table"); // what is drawn below it may have tables of its own
  await table.waitFor();
  const columns = await table.locator("thead th").allInnerTexts();
  const rows = await table
    .locator("tbody tr")
    .evaluateAll((all) => all.map((row) => [...row.querySelectorAll("td, th")].map((cell) => cell.textContent ?? "")));
  await turn.click();
  return { columns, rows };
}
