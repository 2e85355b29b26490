// Leaves the page open on a live run of digits, goes through its screens, and demands that its memory stays as it is:
//   node studio/scripts/soakPage.mjs [MINUTES]
// Memory is what is alive after a full collection, asked through Chromium's own protocol each few seconds: of the page's thread, and of
// its worker, which holds the run's curves and may grow by so many bytes a step.
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startServer } from "@chainrule/studio";
import { launch, openPage, until } from "../dist/test/studioPage.js";

const minutes = Number(process.argv[2] ?? 30);
const [sampleMs, screenMs] = [Math.max(2000, Math.min(15_000, minutes * 1000)), 8000];
/** Of the page, from the second quarter to the last one. */
const [mostGrowth, mostGrowthBytes] = [0.1, 1.5e6];
/** Of the worker: ten series of 4 bytes, times, pyramids, and statistics and evaluations in between. */
const mostWorkerBytesPerStep = 400;
const screens = ["live", "network", "health", "data", "profile", "runs"];

const runs = mkdtempSync(join(tmpdir(), "studio-soak-"));
const training = fork(
  fileURLToPath(new URL("../dist/test/live.child.js", import.meta.url)),
  [runs, "soak", "1000000"],
  {
    stdio: "inherit",
  },
);
const server = await startServer({ runs });
const browser = await launch();
const { page, show, troubles } = await openPage(browser, server.link);
const id = "soak-1";
await page.waitForSelector(`option[value="${id}"]`, { state: "attached" });
await show("live", id);

const stepNow = () => page.locator(".cursor-step b").evaluate((element) => Number(element.getAttribute("data-step")));
await until(page, "the first steps", stepNow, (step) => step > 10);

const session = await page.context().newCDPSession(page);
await session.send("HeapProfiler.enable");
/** The worker that reads runs, by a session of its own inside of the page's. */
const worker = await attachWorker(session);

async function pageBytes() {
  await session.send("HeapProfiler.collectGarbage");
  return (await session.send("Runtime.getHeapUsage")).usedSize;
}
const elements = () => page.evaluate(() => document.querySelectorAll("*").length);

const samples = [];
const end = Date.now() + minutes * 60_000;
let [shown, nextScreen] = [0, Date.now() + screenMs];
while (Date.now() < end) {
  await page.waitForTimeout(sampleMs);
  if (Date.now() > nextScreen) {
    await show(screens[++shown % screens.length], id);
    nextScreen = Date.now() + screenMs;
  }
  // On the same screen all the time: what differs from screen to screen is no leak.
  await show("live", id);
  await page.waitForTimeout(300);
  const sample = { step: await stepNow(), heap: await pageBytes(), worker: await worker(), elements: await elements() };
  samples.push(sample);
  const { step, heap, worker: workerHeap, elements: count } = sample;
  console.log(
    `step ${String(step).padStart(8)}   page ${megabytes(heap)}   worker ${megabytes(workerHeap)}   ${count} elements`,
  );
}

await browser.close();
await server.close();
training.kill();
rmSync(runs, { recursive: true, force: true });

const quarter = Math.floor(samples.length / 4);
if (quarter < 2) throw new Error(`only ${samples.length} samples: more minutes are needed`);
const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
const [before, after] = [median(early.map(({ heap }) => heap)), median(late.map(({ heap }) => heap))];
const steps = late.at(-1).step - early[0].step;
const perStep = (late.at(-1).worker - early[0].worker) / Math.max(1, steps);
console.log(
  `page: ${megabytes(before)} → ${megabytes(after)}; worker: ${perStep.toFixed(0)} bytes a step over ${steps} steps`,
);
const failures = [
  after - before > Math.max(mostGrowth * before, mostGrowthBytes) && "the page's memory grows",
  late.at(-1).elements > 1.2 * early[0].elements + 50 && "the page's elements grow",
  perStep > mostWorkerBytesPerStep && "the worker's memory grows more than its curves",
  troubles.length > 0 && `the page had troubles: ${troubles.slice(0, 5).join("; ")}`,
].filter(Boolean);
for (const failure of failures) console.error(failure);
console.log(failures.length === 0 ? "flat" : "NOT FLAT");
process.exit(failures.length === 0 ? 0 : 1);

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** A function that tells the bytes alive in the page's reading worker. */
async function attachWorker(parent) {
  const found = new Promise((resolve) => {
    parent.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
      if (targetInfo.type === "worker" && targetInfo.url.endsWith("/run.js")) resolve(sessionId);
    });
  });
  await parent.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const sessionId = await found;
  let last = 0;
  const waiting = new Map();
  parent.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id: answered, result } = JSON.parse(message);
    waiting.get(answered)?.(result);
    waiting.delete(answered);
  });
  const send = (method) =>
    new Promise((resolve) => {
      const number = ++last;
      waiting.set(number, resolve);
      void parent.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id: number, method }) });
    });
  return async () => {
    await send("HeapProfiler.enable");
    await send("HeapProfiler.collectGarbage");
    return (await send("Runtime.getHeapUsage")).usedSize;
  };
}
