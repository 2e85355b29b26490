import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { type StudioServer, startServer } from "@chainrule/studio";
import type { Browser, Page } from "playwright-core";
import { lowContrasts } from "./contrast.ts";
import { fixtureRuns } from "./fixture/runs.ts";
import { launch, openPage, until, writeRuns } from "./studioPage.ts";

// What axe-core finds of WCAG A and AA, in both themes; where the keyboard comes to; what who wants little motion sees.

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** An experimental rule that takes what a cell or a box shows for its name: their names are whole sentences. */
const leftOut = { "label-content-name-mismatch": { enabled: false } };
const screens = ["runs", "live", "network", "health", "data", "profile"] as const;
const mostStops = 600;

let browser: Browser;
let written: ReturnType<typeof writeRuns>;
let server: StudioServer;

before(async () => {
  written = writeRuns(await fixtureRuns());
  server = await startServer({ runs: written.folder });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
  written?.remove();
});

/** What is wrong on the page as it stands: the rule, and the first place. */
const audit = (page: Page): Promise<readonly string[]> =>
  page.evaluate(
    async ([only, rules]) => {
      const { axe: loaded } = globalThis as unknown as { readonly axe: Axe }; // it was evaluated before
      const { violations } = await loaded.run(document, { runOnly: only, rules });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 140)).join(" ")}`);
    },
    [levels, leftOut] as const,
  );
interface Axe {
  run(
    root: Document,
    options: object,
  ): Promise<{
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  }>;
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing on six screens in the ${colorScheme} theme`, async () => {
    const { page, show, close } = await openPage(browser, server.link, { colorScheme, bypassCSP: true });
    await page.evaluate(axe);
    for (const screen of screens) {
      await show(screen, "mnist-cnn-7");
      await page.waitForTimeout(400);
      assert.deepEqual(await audit(page), [], screen);
    }
    // A run that went wrong, and a list that is open.
    await show("health", "mlp-hot");
    await page.waitForSelector("[data-operation]");
    assert.deepEqual(await audit(page), [], "health of a NaN");
    await page.keyboard.press("?");
    await page.waitForSelector("dialog.help[open]");
    assert.deepEqual(await audit(page), [], "help");
    await close();
  });
}

test("Tab comes to everything on six screens, each place is marked, and there is no trap", async () => {
  const { page, show, close } = await openPage(browser, server.link);
  for (const screen of screens) {
    await show(screen, "mnist-cnn-7");
    await page.waitForTimeout(300);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur()); // whatever it is
    const wanted = await page
      .locator("main button:visible:enabled, main select:visible, main [role=figure]:visible")
      .count();
    let inMain = 0;
    let ended = false;
    for (let stop = 0; stop < mostStops && !ended; stop++) {
      await page.keyboard.press("Tab");
      const told = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return { ended: true, own: false, bad: "" };
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        // Boxes of the diagram have a thicker border in the place of an outline.
        const marked =
          (style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 1) ||
          Number.parseFloat(getComputedStyle(element.querySelector(".face") ?? element).strokeWidth) >= 2;
        const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
        const what = element.outerHTML.slice(0, 90);
        return {
          ended: false,
          own: element.closest("main") !== null && element.matches("button, select, [role=figure]"),
          bad: !marked ? `no mark: ${what}` : !seen ? `out of sight: ${what}` : "",
        };
      });
      assert.equal(told.bad, "", screen);
      if (told.own) inMain++;
      ended = told.ended;
    }
    assert.ok(ended, `${screen}: the keyboard does not come out of it`);
    assert.ok(wanted > 0 && inMain >= wanted, `${screen}: ${inMain} of ${wanted} places`);
  }
  await close();
});

for (const [reducedMotion, moves] of [
  ["reduce", 3],
  ["no-preference", 30],
] as const) {
  test(`the film moves ${moves} times in three seconds of the page's clock where motion is "${reducedMotion}"`, async () => {
    const { page, show, close } = await openPage(browser, server.link, { reducedMotion });
    await show("live", "mnist-cnn-7");
    await until(
      page,
      "the run is read",
      () => page.locator(".cursor-step b").getAttribute("data-step"),
      (told) => Number(told) === 1000,
    );
    const moving = await page.evaluate(() => {
      const durations = (each: Element) => getComputedStyle(each).transitionDuration.split(", ").map(Number.parseFloat);
      return [...document.querySelectorAll("*")].flatMap(durations).some((seconds) => seconds > 0);
    });
    assert.equal(moving, reducedMotion !== "reduce", "elements glide from one colour to the other");
    // From here on time is what the test says it is.
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.locator(".cursor-bar button", { hasText: "1×" }).first().click();
    await page.clock.runFor(100);
    await page.evaluate(() => {
      const seen: number[] = [];
      Object.assign(globalThis, { seen });
      const step = document.querySelector(".cursor-step b")!; // it is always there
      new MutationObserver(() => seen.push(Number(step.getAttribute("data-step")))).observe(step, {
        attributeFilter: ["data-step"],
      });
    });
    await page.clock.runFor(3000);
    const seen = await page.evaluate(() => (globalThis as unknown as { readonly seen: readonly number[] }).seen); // made above
    assert.ok(Math.abs(seen.length - moves) <= 1, `${seen}`);
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
    );
    await close();
  });
}

test("who has colours of their own sees what is pressed, the chips of legends, and pictures on their ground", async () => {
  const { page, show, close } = await openPage(browser, server.link, { forcedColors: "active", colorScheme: "dark" });
  await page.evaluate(() => localStorage.setItem("chainrule-theme", "light"));
  await page.reload();
  await show("live", "mnist-cnn-7");
  await page.waitForSelector(".pace .chip");
  // The choice of a theme was made for other grounds.
  assert.equal(await page.evaluate(() => document.documentElement.dataset["theme"]), "dark");
  const ground = (selector: string) =>
    page.locator(selector).evaluateAll((all) => all.map((each) => getComputedStyle(each).backgroundColor));
  const [pressed, loose] = [
    await ground('.chart-tools [aria-pressed="true"]'),
    await ground('.chart-tools [aria-pressed="false"]'),
  ];
  assert.ok(pressed.length > 0 && loose.length > 0);
  for (const each of pressed) assert.ok(!loose.includes(each), `${pressed} and ${loose}`);
  const [current] = await ground('nav [aria-current="page"]');
  assert.ok(!(await ground("nav button:not([aria-current])")).includes(current!));
  const chips = await ground(".pace .chip");
  assert.equal(new Set(chips).size, chips.length, `${chips}`);
  await show("data", "mnist-cnn-7");
  await page.waitForSelector(".matrix button");
  assert.deepEqual(await page.evaluate(lowContrasts), []);
  assert.ok(new Set(await ground(".matrix button")).size > 2, "cells of the matrix look alike");
  await close();
});
