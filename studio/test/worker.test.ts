import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { launch, openPage, tableOf, until } from "./studioPage.ts";

// A training in the browser itself: no server of ours, only files; the log goes from worker to worker.

const pageFolder = fileURLToPath(new URL("../page/", import.meta.url));
const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

let browser: Browser;
let files: Server;
let link: string;

before(async () => {
  const bundled = await build({
    entryPoints: [fileURLToPath(new URL("./training.worker.js", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  const program = bundled.outputFiles[0]!.text;
  // As a host of static files does it, under a policy that forbids all but WebAssembly.
  files = createServer((request, response) => {
    const name = new URL(request.url ?? "/", "http://localhost").pathname.slice(1) || "index.html";
    try {
      const content = name === "training.js" ? program : readFileSync(join(pageFolder, name.replaceAll("/", "")));
      const type = types[extname(name)] ?? "application/octet-stream";
      response.writeHead(200, {
        "content-type": type,
        "content-security-policy": "default-src 'self' 'wasm-unsafe-eval'",
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
  link = `http://127.0.0.1:${(files.address() as AddressInfo).port}/?source=port`; // it listens on a port
  browser = await launch();
});
after(async () => {
  await browser?.close();
  files?.close();
});

test("a training in a worker of the browser is seen and steered without a server", async () => {
  const { page, troubles, loaded, close } = await openPage(browser, link);
  const stepNow = () => page.locator(".cursor-step b").evaluate((element) => Number(element.getAttribute("data-step")));
  const phaseNow = () => page.locator(".top-bar .phase").getAttribute("data-phase");
  await page.evaluate(() => {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker("training.js", { type: "module" });
    Object.assign(globalThis, { worker }); // kept alive
    worker.postMessage("train", [port2]);
    window.postMessage("chainrule-training", location.origin, [port1]);
  });
  await page.waitForSelector('tr[data-run="in-the-browser"]');
  await page.keyboard.press("2");
  await until(page, "step 5", stepNow, (step) => step >= 5);

  await page.locator("[data-do=pause]").click();
  await until(page, "paused", phaseNow, (phase) => phase === "paused");
  const held = await stepNow();
  await page.waitForTimeout(400);
  assert.equal(await stepNow(), held);
  await page.locator("[data-do=step]").click();
  await until(page, "one step more", stepNow, (step) => step === held + 1);
  await page.locator("[data-do=resume]").click();
  await until(page, "it goes on", stepNow, (step) => step > held + 20);

  // The plane is drawn for the model and for each unit of its hidden layer, again and again.
  const units = () => page.locator(".boundary [data-units]").getAttribute("data-units");
  await page.locator(".boundary").scrollIntoViewIfNeeded();
  await until(page, "the units' planes", units, (count) => count === "6");
  const first = Number(await page.locator(".boundary [data-step]").getAttribute("data-step"));
  const drawnAt = async () => Number(await page.locator(".boundary [data-step]").getAttribute("data-step"));
  await until(page, "the plane goes on", drawnAt, (step) => step > first);
  await page.getByRole("button", { name: "unit 3 of hidden" }).click();
  await until(
    page,
    "one unit is shown large",
    () => page.locator(".boundary [data-shown]").getAttribute("data-shown"),
    (shown) => shown === "hidden 3",
  );

  await page.locator("[data-do=stop]").click();
  await until(page, "stopped", phaseNow, (phase) => phase === "stopped");
  const { rows } = await tableOf(page, "Loss");
  assert.equal(Number(rows.at(-1)![0]!.replaceAll(",", "")), await stepNow());
  assert.ok(rows.every(([, loss]) => Number(loss) > 0));
  // Nothing was asked of a server but files.
  assert.deepEqual(
    [...loaded].filter((url) => url.includes("/api/")),
    [],
  );
  assert.deepEqual(troubles, []);
  await close();
});
