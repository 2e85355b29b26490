import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, Page, Request } from "playwright-core";
import { launch, openPage, tableOf, until } from "./studioPage.ts";
import { follow, stepOf, Trainings, waitForPhase, waitForStep } from "./trainings.ts";

const token = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const serverFile = fileURLToPath(new URL("./server.child.js", import.meta.url));
const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);

const trainings = new Trainings();
let browser: Browser;
let server: ChildProcess;
let link: string;
let port = 0;

/** Starts the server, at the place where it was before. */
async function serve(): Promise<void> {
  server = fork(serverFile, [trainings.runs, String(port), token], { stdio: "inherit" });
  const [told] = (await once(server, "message")) as [{ link: string; port: number }]; // what the child sends
  ({ link, port } = told);
}

before(async () => {
  browser = await launch();
  await serve();
});
after(async () => {
  await browser?.close();
  server?.kill();
  trainings.end();
});

/** Opens the page anew, and tells what it asked the server for until there was a point of the loss. */
async function askedForFirstPoint(page: Page, id: string): Promise<readonly string[]> {
  const asked: string[] = [];
  const note = (request: Request): void => void asked.push(new URL(request.url()).pathname);
  await page.goto(`${link.slice(0, link.indexOf("?"))}#live&run=${id}`);
  page.on("request", note);
  await page.reload();
  await page.waitForFunction(
    () => Number(document.querySelector(".plot")?.getAttribute("data-points") ?? 0) > 0, // a chart counts its points
  );
  page.off("request", note);
  return asked.filter((path) => path.startsWith("/api/"));
}

test("a real run is seen from its first steps to its last, and value by value", async () => {
  const { page, troubles, close } = await openPage(browser, link);
  const [held, last] = [5, 96];
  const { id, ended } = trainings.start("short", { epochs: 3, holdAt: held });
  await follow(page, id);
  await waitForPhase(page, "paused");
  assert.equal(await waitForStep(page, held), held);
  // The first point waits for no second question: the list of runs and one stream are all that it needs.
  const asked = await askedForFirstPoint(page, id);
  assert.deepEqual([...new Set(asked)].sort(), ["/api/runs", "/api/tail"], `${asked}`);
  assert.equal(asked.filter((path) => path === "/api/tail").length, 1, `${asked}`);
  await page.locator("[data-do=resume]").click();
  assert.equal(await ended, 0);
  await waitForPhase(page, "done");
  assert.equal(await waitForStep(page, last), last);
  const { columns, rows } = await tableOf(page, "Loss");
  const { steps, values } = trainings.series(id, "loss");
  assert.deepEqual(columns, ["step", "train", "validation"]);
  assert.deepEqual(steps, upTo(last));
  assert.ok(rows.length >= 20, `${rows.length} rows`);
  for (const [step, train] of rows) assert.equal(Number(train), values[steps.indexOf(Number(step))]);
  // Every screen has something to show of it.
  for (const [key, shown] of [
    ["3", '[data-box="conv1"]'],
    ["4", '[data-tensor="conv1/kernel"]'],
    ["5", ".matrix"],
    ["6", ".memory [data-step]"],
  ] as const) {
    await page.keyboard.press(key);
    await page.waitForSelector(shown);
  }
  // Nobody can be asked any more: kernels and a unit in numbers come from the log.
  await page.keyboard.press("3");
  await page.locator('[data-box="conv1"]').click();
  await page.waitForSelector(".node [data-sum]");
  assert.equal(await page.locator('.node [aria-label^="kernel "]').count(), 8);
  await until(
    page,
    "nothing is asked any more",
    () => page.locator("[data-do=weights]").count(),
    (count) => count === 0,
  );
  assert.deepEqual(troubles, []);
  await close();
});

test("steps come to the page as they are done, through the stream that it has, and none before it was done", async () => {
  const { page, troubles, close } = await openPage(browser, link);
  const { id, ended } = trainings.start("pushed");
  await follow(page, id);
  await waitForStep(page, 2);
  const asked: string[] = [];
  page.on("request", (request) => void asked.push(new URL(request.url()).pathname));
  const seen: number[] = [];
  while (seen.length < 10) {
    seen.push(await waitForStep(page, (seen.at(-1) ?? 2) + 1));
    const { steps } = trainings.series(id, "loss");
    assert.ok(seen.at(-1)! <= steps.at(-1)!, `step ${seen.at(-1)} is on the page, ${steps.at(-1)} in the log`);
  }
  // The table of runs is asked for now and then; steps are not.
  assert.deepEqual(
    asked.filter((path) => path !== "/api/runs"),
    [],
  );
  await page.locator("[data-do=stop]").click();
  assert.equal(await ended, 0);
  await waitForPhase(page, "stopped");
  assert.equal(await stepOf(page), trainings.series(id, "loss").steps.at(-1));
  assert.deepEqual(troubles, []);
  await close();
});

test("when the server is killed and started again, the page goes on without a lost or double step", async () => {
  const { page, close } = await openPage(browser, link);
  const { id, ended } = trainings.start("survivor");
  await follow(page, id);
  await waitForStep(page, 3);
  server.kill("SIGKILL");
  await once(server, "exit");
  await until(
    page,
    "the page says that it waits",
    () => page.locator(".retrying").isVisible(),
    (shown) => shown,
  );
  // The training goes on meanwhile; the page may still be reading what has come.
  const further = 100;
  await until(
    page,
    "steps that the page does not know",
    async () => (trainings.series(id, "loss").steps.at(-1) ?? 0) - (await stepOf(page)),
    (ahead) => ahead > further,
  );
  const left = await stepOf(page);
  await serve();
  await waitForStep(page, left + further);
  await page.locator("[data-do=stop]").click();
  assert.equal(await ended, 0);
  await waitForPhase(page, "stopped");
  const { steps, values } = trainings.series(id, "loss");
  assert.deepEqual(steps, upTo(steps.length));
  assert.equal(await waitForStep(page, steps.length), steps.length);
  const { rows } = await tableOf(page, "Loss");
  assert.ok(rows.length >= 20);
  for (const [step, train] of rows)
    assert.equal(Number(train), values[steps.indexOf(Number(step!.replaceAll(",", "")))]);
  // As many as there are, each once: what the page has of the log is the log.
  const csv = await downloadedCsv(page);
  assert.deepEqual(
    csv.map(([step]) => step),
    steps,
  );
  assert.deepEqual(
    csv.map(([, loss]) => loss),
    values,
  );
  await close();
});

/** Steps and losses of all rows of the CSV that the page makes of what it has read. */
async function downloadedCsv(page: Page): Promise<readonly (readonly [number, number])[]> {
  await page.locator(".more summary").click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator(".menu button", { hasText: "CSV" }).click(),
  ]);
  const stream = await download.createReadStream();
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer); // without an encoding it gives bytes
  const [head = "", ...lines] = Buffer.concat(pieces).toString().trim().split("\n");
  const column = head.split(",").indexOf("train loss");
  return lines
    .map((line) => line.split(","))
    .filter((cells) => cells[column] !== "")
    .map((cells) => [Number(cells[0]), Number(cells[column])]);
}
