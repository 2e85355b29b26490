import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type StudioServer, startServer } from "@chainrule/studio";
import { Curves, readLog } from "chainrule/record";
import type { Browser, Page } from "playwright-core";
import { launch, openPage, tableOf, until } from "./studioPage.ts";

const child = fileURLToPath(new URL("./live.child.js", import.meta.url));
const token = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const runs = mkdtempSync(join(tmpdir(), "studio-live-"));

let browser: Browser;
let server: StudioServer;
const children: ChildProcess[] = [];

before(async () => {
  browser = await launch();
  server = await startServer({ runs, token });
});
after(async () => {
  for (const each of children) each.kill();
  await browser?.close();
  await server?.close();
  rmSync(runs, { recursive: true, force: true });
});

function train(name: string, epochs: number): { readonly id: string; readonly ended: Promise<number | null> } {
  const training = fork(child, [runs, name, String(epochs)], { stdio: "inherit" });
  children.push(training);
  return { id: `${name}-1`, ended: new Promise((resolve) => training.on("exit", resolve)) };
}

const lossesOf = (id: string): { readonly steps: readonly number[]; readonly values: readonly number[] } => {
  const curves = new Curves();
  for (const entry of readLog(readFileSync(join(runs, id, "log"))).entries) curves.take(entry);
  const { steps, values } = curves.find("loss")!.values;
  return { steps: [...steps], values: [...values] };
};
const stepOf = (page: Page): Promise<number> =>
  page.locator(".cursor-step b").evaluate((element) => Number(element.getAttribute("data-step")));
const phaseOf = (page: Page): Promise<string | null> => page.locator(".top-bar .phase").getAttribute("data-phase");
const waitForStep = (page: Page, step: number): Promise<number> =>
  until(
    page,
    `step ${step}`,
    () => stepOf(page),
    (now) => now >= step,
  );

test("a real run is seen from its first step to its last, value by value", async () => {
  const { page, troubles, close } = await openPage(browser, server.link);
  const { id, ended } = train("short", 3);
  await page.waitForSelector(`option[value="${id}"]`, { state: "attached" });
  await page.keyboard.press("2");
  await page.waitForSelector(".curves .chart");
  const first = await waitForStep(page, 1);
  assert.equal(await ended, 0);
  await until(
    page,
    "the end",
    () => phaseOf(page),
    (phase) => phase === "done",
  );
  assert.equal(await waitForStep(page, 96), 96);
  const { rows } = await tableOf(page, "Loss");
  const { steps, values } = lossesOf(id);
  assert.equal(steps.length, 96);
  for (const [step, train] of rows) assert.equal(Number(train), values[steps.indexOf(Number(step))]);
  for (const screen of ["network", "health", "data", "profile"]) {
    await page.keyboard.press(String(["runs", "live", "network", "health", "data", "profile"].indexOf(screen) + 1));
    await page.waitForSelector(`main[data-screen="${screen}"] .panel`);
    await page.waitForTimeout(400);
  }
  await page.keyboard.press("5");
  await page.waitForSelector(".matrix");
  await page.keyboard.press("4");
  await page.waitForSelector('[data-tensor="conv1/kernel"]');
  await page.keyboard.press("3");
  await page.waitForSelector('[data-box="conv1"]');
  console.log(`a real run: seen from step ${first} on`);
  assert.deepEqual(troubles, []);
  await close();
});

test("a run is paused, stepped, steered, undone, drawn for, and stopped from the page", async () => {
  const { page, troubles, close } = await openPage(browser, server.link);
  const { id, ended } = train("steered", 10_000);
  await page.waitForSelector(`option[value="${id}"]`, { state: "attached" });
  await page.evaluate((run) => {
    location.hash = `#live&run=${run}`;
  }, id);
  await page.waitForSelector("[data-do=pause]");
  await waitForStep(page, 5);

  await page.keyboard.press(" ");
  await until(
    page,
    "paused",
    () => phaseOf(page),
    (phase) => phase === "paused",
  );
  await page.waitForTimeout(400);
  const held = await stepOf(page);
  await page.waitForTimeout(1000);
  assert.equal(await stepOf(page), held);
  await page.keyboard.press(".");
  await until(
    page,
    "one step more",
    () => stepOf(page),
    (step) => step === held + 1,
  );
  await page.waitForTimeout(500);
  assert.equal(await stepOf(page), held + 1);

  // A digit is drawn by the mouse; another drawing has another answer.
  await page.locator(".pad").scrollIntoViewIfNeeded();
  const box = (await page.locator(".pad canvas").boundingBox())!;
  const line = async (x0: number, y0: number, x1: number, y1: number): Promise<void> => {
    await page.mouse.move(box.x + x0 * box.width, box.y + y0 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + x1 * box.width, box.y + y1 * box.height, { steps: 8 });
    await page.mouse.up();
  };
  const guesses = () => page.locator(".guesses").innerText();
  await line(0.5, 0.2, 0.5, 0.8);
  const one = await until(page, "the first guess", guesses, (text) => /\d+ %/.test(text));
  await page.waitForSelector(".drawn-maps canvas");
  await line(0.2, 0.2, 0.8, 0.2);
  await until(page, "another guess", guesses, (text) => /\d+ %/.test(text) && text !== one);

  const slider = page.locator('[data-parameter="learningRate"]');
  await slider.evaluate((element: HTMLInputElement) => {
    element.value = String(Number(element.value) - 40);
    element.dispatchEvent(new Event("input", { bubbles: true }));
    element.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await page.waitForSelector(".event-command");
  assert.match(await page.locator(".event-command").innerText(), /learningRate = /);
  await page.locator("[data-do=resume]").click();
  await waitForStep(page, held + 10);
  await page.locator("[data-do=undo]").click();
  await until(
    page,
    "the undo is listed",
    () => page.locator(".event-command").allInnerTexts(),
    (texts) => texts.some((text) => text.includes("undo")),
  );
  await waitForStep(page, held + 20);
  await page.locator("[data-do=stop]").click();
  await until(
    page,
    "stopped",
    () => phaseOf(page),
    (phase) => phase === "stopped",
  );
  assert.equal(await ended, 0);
  assert.deepEqual(troubles, []);
  await close();
});

test("when the server is killed and started again, the page goes on without a lost or double step", async () => {
  const { page, close } = await openPage(browser, server.link);
  const { port } = server;
  const { id, ended } = train("survivor", 12);
  await page.waitForSelector(`option[value="${id}"]`, { state: "attached" });
  await page.evaluate((run) => {
    location.hash = `#live&run=${run}`;
  }, id);
  await waitForStep(page, 3);
  await server.close();
  await page.waitForTimeout(700);
  server = await startServer({ runs, token, port });
  assert.equal(await ended, 0);
  await until(
    page,
    "the end",
    () => phaseOf(page),
    (phase) => phase === "done",
  );
  assert.equal(await waitForStep(page, 384), 384);
  const { steps, values } = lossesOf(id);
  assert.deepEqual(
    steps,
    Array.from({ length: 384 }, (_, at) => at + 1),
  );
  const { rows } = await tableOf(page, "Loss");
  for (const [step, train] of rows)
    assert.equal(Number(train), values[steps.indexOf(Number(step!.replaceAll(",", "")))]);
  await close();
});
