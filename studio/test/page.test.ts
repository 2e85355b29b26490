import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type StudioServer, startServer } from "@chainrule/studio";
import { Curves, readLog } from "chainrule/record";
import type { Browser, Page } from "playwright-core";
import { lowContrasts } from "./contrast.ts";
import { longRun, spikeOf } from "./fixture/others.ts";
import { fixtureRuns } from "./fixture/runs.ts";
import { launch, type OpenPage, openPage, tableOf, until, writeRuns } from "./studioPage.ts";

const pageFolder = fileURLToPath(new URL("../page/", import.meta.url));
const screens = ["runs", "live", "network", "health", "data", "profile"] as const;
const longRuns = [
  ["hundred-thousand", 100_000],
  ["million", 1_000_000],
] as const;
/** Pictures of all screens, for people. */
const pictures = fileURLToPath(new URL("../screens/", import.meta.url));
/** Some charts of some curves at once: extremes, means and averages of a point a pixel. */
const mostLinesOfFrame = 20_000;
const [firstLoadBytes, allBytes] = [60 * 1024, 150 * 1024];

let browser: Browser;
let runs: ReadonlyMap<string, Uint8Array>;
let written: ReturnType<typeof writeRuns>;
let server: StudioServer;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  runs = new Map([...(await fixtureRuns()), ...longRuns.map(([id, steps]) => [id, longRun(id, steps)] as const)]);
  written = writeRuns(runs);
  server = await startServer({ runs: written.folder });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
  written?.remove();
});

/** Opens the page for a test, and demands that it did nothing it should not. */
async function withPage(
  use: (opened: OpenPage) => Promise<void>,
  options: Parameters<typeof openPage>[2] = {},
): Promise<void> {
  const opened = await openPage(browser, server.link, options);
  try {
    await use(opened);
    assert.deepEqual(opened.troubles, []);
  } finally {
    await opened.close();
  }
}

const stepOf = (page: Page): Promise<number> =>
  page.locator(".cursor-step b").evaluate((element) => Number(element.getAttribute("data-step")));

test("the first load and the whole page stay small", async () => {
  await withPage(async ({ page, loaded, show }) => {
    await show("runs", "mnist-cnn-7");
    await page.waitForTimeout(500);
    const sizes = new Map(
      readdirSync(pageFolder)
        .filter((name) => /\.(js|css|html|svg)$/.test(name))
        .map((name) => [name, gzipSync(readFileSync(join(pageFolder, name)), { level: 9 }).length]),
    );
    const first = [...sizes].filter(
      ([name]) => name === "index.html" || [...loaded].some((url) => url.endsWith(`/${name}`)),
    );
    const sum = (list: readonly (readonly [string, number])[]): number =>
      list.reduce((total, [, size]) => total + size, 0);
    console.log(
      `the page: ${(sum(first) / 1024).toFixed(1)} KB at first, ${(sum([...sizes]) / 1024).toFixed(1)} KB in all, gzip`,
    );
    assert.ok(first.length > 4, "what was loaded was not seen");
    assert.ok(
      sum(first) <= firstLoadBytes,
      `${sum(first)} bytes at first: ${first.map(([name, size]) => `${name} ${size}`).join(", ")}`,
    );
    assert.ok(sum([...sizes]) <= allBytes, `${sum([...sizes])} bytes in all`);
  });
});

test("the values of a chart are those of the log", async () => {
  const curves = new Curves();
  for (const entry of readLog(runs.get("mnist-cnn-7")!).entries) curves.take(entry);
  await withPage(async ({ page, show }) => {
    await show("live", "mnist-cnn-7");
    await page.waitForSelector(".plot canvas");
    const { columns, rows } = await tableOf(page, "Loss");
    assert.deepEqual(columns, ["step", "train", "validation"]);
    assert.ok(rows.length > 20 && rows.length <= 50, `${rows.length} rows`);
    for (const [told, train, validation] of rows) {
      const step = Number(told!.replaceAll(",", ""));
      assert.equal(Number(train), curves.find("loss")!.values.at(step)!.value);
      const own = curves.find("loss", "validation")!.values.at(step);
      assert.equal(validation, own?.step === step ? String(own.value) : "");
    }
    assert.equal(Number(rows.at(-1)![1]), curves.find("loss")!.values.at(1000)!.value);
  });
});

test("the time cursor moves every panel of every screen", async () => {
  await withPage(async ({ page, show }) => {
    await show("live", "mnist-cnn-7");
    await until(
      page,
      "the run is read",
      () => stepOf(page),
      (step) => step === 1000,
    );
    await page.locator('input[aria-label="time cursor"]').fill("520");
    /** Where panels stand that show the state at a step: the last evaluation, or sample of statistics, before the cursor. */
    const panels: readonly (readonly [screen: (typeof screens)[number], panel: string, step: number])[] = [
      ["live", ".probe-list", 500],
      ["data", ".confusion [data-step]", 500],
      ["data", ".mistakes [data-step]", 500],
      ["data", ".embeddings [data-step]", 500],
      ["profile", ".flame [data-step]", 500],
      ["profile", ".memory [data-step]", 480],
    ];
    for (const [screen, panel, step] of panels) {
      await show(screen);
      const ask = () => page.locator(panel).getAttribute("data-step");
      await until(page, `${screen} ${panel}`, ask, (told) => Number(told) === step);
    }
    await show("live");
    const cursor = () => page.locator(".plot").first().getAttribute("data-cursor");
    await until(page, "the charts", cursor, (told) => Number(told) === 520);
    const before = await page.locator(".curves .legend b").first().innerText();
    await page.keyboard.press("End");
    await until(
      page,
      "End follows the run",
      () => stepOf(page),
      (step) => step === 1000,
    );
    await until(
      page,
      "the legend",
      () => page.locator(".curves .legend b").first().innerText(),
      (now) => now !== before,
    );
    await show("health");
    const nameAt = () => page.locator(".tensors [role=figure]").getAttribute("aria-label");
    await until(page, "health", nameAt, (told) => told?.includes("at step 1,000") === true);
  });
});

test("an address names screen, run and step: who is given it sees them", async () => {
  // Not the newest run, which is shown without a word.
  const address = "#health&run=mnist-cnn-6&step=480";
  const { page, troubles, close } = await openPage(browser, server.link + address);
  await page.waitForSelector('main[data-screen="health"] .panel');
  const step = () => stepOf(page);
  await until(page, "the step", step, (told) => told === 480);
  assert.equal(await page.locator("select.run-choice").inputValue(), "mnist-cnn-6");
  assert.equal(new URL(page.url()).hash, address);
  assert.deepEqual(troubles, []);
  await close();
});

test("all of it can be done by keys", async () => {
  await withPage(async ({ page, show }) => {
    await show("runs", "mnist-cnn-7");
    for (const [at, screen] of screens.entries()) {
      await page.keyboard.press(String(at + 1));
      await page.waitForSelector(`main[data-screen="${screen}"] .panel`);
    }
    await page.keyboard.press("2");
    const figure = page.locator(".curves [role=figure]").first();
    await figure.focus();
    await page.keyboard.press("t");
    await page.waitForSelector(".curves table tbody tr"); // the worker has told the curve: an arrow before that has nothing to say
    await page.keyboard.press("t");
    await figure.focus();
    await page.keyboard.press("ArrowLeft");
    await until(
      page,
      "the arrow moves time",
      () => stepOf(page),
      (step) => step === 995,
    );
    await until(
      page,
      "the value is spoken",
      () => page.locator("[aria-live]").innerText(),
      (text) => /step 995: Loss: train [\d.]+ at step 99[1-5]\b/.test(text),
    );
    await page.keyboard.press("[");
    await until(
      page,
      "[ moves time",
      () => stepOf(page),
      (step) => step === 985,
    );
    await page.keyboard.press("End");
    await until(
      page,
      "End follows",
      () => stepOf(page),
      (step) => step === 1000,
    );
    await page.keyboard.press("l");
    assert.equal(await page.locator("button.toggle", { hasText: "log y" }).getAttribute("aria-pressed"), "true");
    await page.keyboard.press("?");
    await page.waitForSelector("dialog.help[open]");
    await page.keyboard.press("Escape");
    await until(
      page,
      "Escape shuts the help",
      () => page.locator("dialog.help").isVisible(),
      (shown) => !shown,
    );
    await page.keyboard.press("/");
    await page.waitForSelector("input[type=search]:focus");
    await page.keyboard.type("acc>0.9 & lr<0.0005");
    await until(
      page,
      "the filter",
      () => page.locator("tr[data-run]").count(),
      (count) => count === 1,
    );
    // A letter in a field is a letter.
    assert.equal(await page.locator("main").getAttribute("data-screen"), "runs");
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`names, sizes of targets and contrasts hold in the ${colorScheme} theme`, async () => {
    await withPage(
      async ({ page, show }) => {
        for (const screen of screens) {
          await show(screen, "mnist-cnn-7");
          await page.waitForTimeout(450);
          assert.equal(await page.evaluate(() => document.documentElement.dataset["theme"]), colorScheme);
          const names = await page
            .locator("[role=figure]")
            .evaluateAll((all) => all.map((each) => each.getAttribute("aria-label") ?? ""));
          assert.ok(names.length > 0, `${screen} has no figures`);
          for (const name of names) assert.match(name, /.+:? .+/, `${screen}: "${name}"`);
          if (screen !== "runs")
            assert.ok(
              names.some((name) => /\d/.test(name)),
              `${screen}: no name tells a number: ${names}`,
            );
          const nameless = await page.evaluate(() =>
            [...document.querySelectorAll("button, select, input:not([hidden])")]
              .filter((each) => each.checkVisibility())
              .filter((each) => {
                const labels = (each as HTMLInputElement).labels; // all of them have it
                return ![
                  each.textContent,
                  each.getAttribute("aria-label"),
                  each.getAttribute("title"),
                  ...[...(labels ?? [])].map((label) => label.textContent),
                ].some((text) => text?.trim());
              })
              .map((each) => each.outerHTML.slice(0, 100)),
          );
          assert.deepEqual(nameless, [], screen);
          const small = await page.evaluate(() =>
            [...document.querySelectorAll("button, select, input, summary")]
              .filter(
                (each) => each.checkVisibility() && !(each instanceof HTMLInputElement && each.type === "checkbox"),
              )
              .map((each) => ({ box: each.getBoundingClientRect(), html: each.outerHTML.slice(0, 100) }))
              .filter(({ box }) => box.width > 2 && (box.width < 23.5 || box.height < 23.5))
              .map(({ box, html }) => `${box.width.toFixed(0)}×${box.height.toFixed(0)} ${html}`),
          );
          assert.deepEqual(small, [], screen);
          assert.deepEqual(await page.evaluate(lowContrasts), [], screen);
          await page.screenshot({ path: join(pictures, `${screen}-${colorScheme}.png`) });
        }
      },
      { colorScheme },
    );
  });
}

for (const [what, options] of [
  ["360 pixels", { viewport: { width: 360, height: 740 } }],
  ["640 pixels at 200 %", { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 }],
] as const) {
  test(`nothing is cut off at ${what}`, async () => {
    await withPage(async ({ page, show }) => {
      for (const screen of screens) {
        await show(screen, "mnist-cnn-7");
        await page.waitForTimeout(300);
        const wide = await page.evaluate(() => {
          const limit = document.documentElement.clientWidth;
          const over = [...document.querySelectorAll("main .panel, .top-bar, .cursor-bar")].filter(
            (each) => each.getBoundingClientRect().right > limit + 1,
          );
          return [document.documentElement.scrollWidth - limit, ...over.map((each) => each.className)];
        });
        assert.deepEqual(wide, [0], screen);
      }
    }, options);
  });
}

test("a NaN is marked on the charts, and its report names the operation", async () => {
  await withPage(async ({ page, show }) => {
    await show("live", "mlp-hot");
    const name = () => page.locator(".curves [role=figure]").first().getAttribute("aria-label");
    await until(page, "the chart tells", name, (told) =>
      /train NaN at step 432.*, 21 values not finite/.test(told ?? ""),
    );
    await show("health");
    await page.waitForSelector('[data-operation="log"]');
    const report = await page.locator(".nan-report").innerText();
    assert.match(report, /log in loss at loss\.ts:41/);
    assert.match(report, /3 of 640/);
    await page.locator(".nan button", { hasText: "step 412" }).click();
    await until(
      page,
      "the report leads to its step",
      () => stepOf(page),
      (step) => step === 412,
    );
  });
});

test("a cell of the confusion matrix shows its examples, and a mistake its picture", async () => {
  await withPage(async ({ page, show }) => {
    await show("data", "mnist-cnn-7");
    await page.waitForSelector(".mistakes [data-shown]");
    const first = page.locator(".gallery button").first();
    const [, truth, said] = /true (\d), said (\d)/.exec((await first.getAttribute("aria-label")) ?? "") ?? [];
    await page.locator(`.matrix button[aria-label^="true ${truth}, said ${said}:"]`).click();
    const labels = () =>
      page.locator(".gallery button").evaluateAll((all) => all.map((each) => each.getAttribute("aria-label")));
    const shown = await until(
      page,
      "the gallery",
      labels,
      (all) => all.length > 0 && all.every((each) => each?.endsWith(`true ${truth}, said ${said}`) === true),
    );
    assert.ok(shown.length >= 1);
    await page.locator(".gallery button").first().click();
    assert.match(
      await page.locator(".selected-words").innerText(),
      new RegExp(`true ${truth}, said ${said} with \\d+ %`),
    );
    for (const method of ["t-SNE", "UMAP", "PCA"]) {
      await page.locator(".embeddings button", { hasText: method }).click();
      await until(
        page,
        method,
        () => page.locator(".embeddings [data-points]").getAttribute("data-points"),
        (points) => points === "200",
      );
    }
  });
});

test("columns of the table are taken out and put in, and sort it", async () => {
  await withPage(async ({ page, show }) => {
    await show("runs", "mnist-cnn-7");
    const heads = () => page.locator(".run-table thead button").allInnerTexts();
    const choose = (name: string) => page.getByLabel("columns").selectOption(name);
    const before = await heads();
    await choose("params");
    await choose("batchSize");
    await until(page, "the columns", heads, (all) => !all.includes("params") && all.includes("batch size"));
    await page.locator(".run-table thead button", { hasText: "batch size" }).click();
    const at = (await heads()).findIndex((text) => text.startsWith("batch size"));
    const cells = await page
      .locator("tr[data-run]")
      .evaluateAll((all, place) => all.map((row) => row.children[place + 1]?.textContent ?? ""), at);
    const known = cells.filter((text) => text !== "").map(Number);
    assert.ok(known.length >= 2, `${cells}`);
    assert.deepEqual(
      known,
      [...known].sort((a, b) => b - a),
    );
    await choose("batchSize");
    await choose("params");
    await until(page, "the usual columns", heads, (all) => all.join() === before.join());
  });
});

test("compared runs tell of the same examples, side by side", async () => {
  await withPage(async ({ page, show }) => {
    await show("runs", "mnist-cnn-7");
    await page.locator('tr[data-run="mnist-cnn-6"] input').check();
    const disputed = () => page.locator(".comparison [data-disputed]").getAttribute("data-disputed");
    const told = await until(page, "the comparison", disputed, (count) => Number(count) > 0);
    assert.equal(await page.locator(".comparison [data-examples]").getAttribute("data-examples"), "64");
    // Those that the runs disagree on come first.
    const { columns, rows } = await tableOf(page, "The same examples");
    assert.deepEqual(columns.slice(0, 2), ["example", "true"]);
    const [one, other] = [columns.indexOf("mnist-cnn-7"), columns.indexOf("mnist-cnn-6")];
    assert.ok(one > 1 && other > 1, `${columns}`);
    const classOf = (cell: string | undefined) => cell?.split(" ")[0];
    for (const row of rows.slice(0, Number(told))) assert.notEqual(classOf(row[one]), classOf(row[other]));
  });
});

test("the run is played like a film, and stands at its end", async () => {
  await withPage(async ({ page, show }) => {
    await show("live", "circle");
    await until(
      page,
      "the run is read",
      () => stepOf(page),
      (step) => step === 600,
    );
    // Time is what the test says it is: the film would be over before a slow machine looks.
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.locator(".cursor-bar button", { hasText: "16×" }).click();
    await page.clock.runFor(500);
    const middle = await stepOf(page);
    assert.ok(middle > 0 && middle < 600, `step ${middle}`);
    await page.clock.runFor(500);
    const later = await stepOf(page);
    assert.ok(later > middle && later < 600, `step ${later} after ${middle}`);
    await page.clock.runFor(4000);
    await until(
      page,
      "it stands at the end",
      () => page.locator('.cursor-bar button[aria-pressed="true"]').allInnerTexts(),
      (pressed) => pressed.length === 1 && /end/.test(pressed[0] ?? ""),
    );
  });
});

test("a model of blocks is drawn shut, and opens", async () => {
  await withPage(async ({ page, show }) => {
    await show("network", "small-gpt");
    const boxes = () => page.locator(".diagram svg [data-box]").count();
    await until(page, "the shut diagram", boxes, (count) => count === 7);
    await page.locator('[data-box="block1/"]').focus();
    await page.keyboard.press("Enter");
    await until(page, "one open block", boxes, (count) => count === 13);
    await page.locator('[data-box="block1/attention"]').click();
    await page.waitForSelector(".node .attention canvas");
    // Head by head, token by token.
    const attention = (name: string) => page.locator(".node .attention [data-heads]").getAttribute(`data-${name}`);
    assert.equal(await attention("heads"), "4");
    await page.getByRole("button", { name: "head 2" }).click();
    await page.locator(".attention-map").focus();
    await page.keyboard.press("ArrowUp");
    assert.deepEqual([await attention("head"), await attention("token")], ["2", "22"]);
    // A head that looks at all alike is no head that looks strongly at all: a tone of its own, and a word.
    const strongest = () =>
      page.locator(".attention-map canvas").evaluate((element) => {
        const canvas = element as HTMLCanvasElement; // the locator says so
        const copy = new OffscreenCanvas(120, 120).getContext("2d", { willReadFrequently: true })!; // pages have it
        copy.drawImage(canvas, 60 - canvas.width / 2, 60 - canvas.height / 2);
        const { data } = copy.getImageData(0, 0, 120, 120);
        let least = 765;
        for (let at = 0; at < data.length; at += 4) least = Math.min(least, data[at]! + data[at + 1]! + data[at + 2]!);
        return least;
      });
    const dark = await strongest();
    await page.getByRole("button", { name: "head 3" }).click();
    await page.getByText("uniform: every token looks at all alike").waitFor();
    const even = await until(page, "a middle tone", strongest, (tone) => tone > dark + 60);
    assert.ok(even < 700, `${even} is nothing, ${dark} the most`);
    const { rows } = await tableOf(page, "Small-gpt");
    assert.equal(rows.length, 25);
  });
});

test("the dead units of a layer are named, and what the allocator did is listed", async () => {
  await withPage(async ({ page, show }) => {
    await show("health", "mnist-cnn-7");
    await page.locator(".choice button", { hasText: "activations" }).click();
    await page.locator('[data-tensor="conv2"] .tensor-name').click();
    const dead = () => page.locator(".unit-map").getAttribute("data-dead");
    await until(page, "the map of units", dead, (told) => told === "3 11");
    assert.match(await page.locator(".unit-map").innerText(), /2 of 16 units are dead: 3, 11\./);
    await show("profile");
    const listed = () => page.locator(".allocations [data-events]").getAttribute("data-events");
    await until(page, "the allocations", listed, (told) => told === "3");
    const { rows } = await tableOf(page, "Allocations");
    assert.deepEqual(rows[0], ["12.0 ms", "conv1", "activations", "1.32 MB"]);
    assert.deepEqual(rows[2], ["3.00 ms", "conv1", "activations", "−1.32 MB"]);
  });
});

for (const [id, steps] of longRuns) {
  test(`${steps} steps are drawn as lines of so many points as there are pixels, and a single spike stays`, async () => {
    await withPage(async ({ page, show }) => {
      await page.evaluate(() => {
        const drawn = { present: 0, most: 0 };
        Object.assign(globalThis, { drawn });
        const { lineTo } = CanvasRenderingContext2D.prototype;
        CanvasRenderingContext2D.prototype.lineTo = function (x, y) {
          drawn.most = Math.max(drawn.most, ++drawn.present);
          lineTo.call(this, x, y);
        };
        // All drawing is done in frames: each begins with nothing.
        const begin = (): void => {
          drawn.present = 0;
          requestAnimationFrame(begin);
        };
        begin();
      });
      await show("live", id);
      await until(
        page,
        "the run is read",
        () => stepOf(page),
        (step) => step === steps,
      );
      const highest = () => page.locator(".plot").first().getAttribute("data-highest");
      await until(page, `the spike at step ${spikeOf(steps)}`, highest, (told) => Number(told) === 20);
      for (const key of ["[", "[", "l", "s", "4", "2", "End"]) {
        await page.keyboard.press(key);
        await page.waitForTimeout(150);
      }
      const { most } = await page.evaluate(() => (globalThis as unknown as { readonly drawn: Drawn }).drawn); // made above
      console.log(`${id}: ${most} pieces of lines in a frame at most`);
      assert.ok(most > 500 && most <= mostLinesOfFrame, `${most} pieces of lines in one frame`);
    });
  });
}
interface Drawn {
  readonly most: number;
}

test("a folder that is dragged onto the page shows its runs", async () => {
  await withPage(async ({ page, show }) => {
    await show("runs", "mnist-cnn-7");
    const session = await page.context().newCDPSession(page);
    const data = {
      items: [],
      files: [join(written.folder, "circle"), join(written.folder, "small-gpt")],
      dragOperationsMask: 1,
    };
    const drag = async (): Promise<void> => {
      await session.send("Input.dispatchDragEvent", { type: "dragEnter", x: 700, y: 450, data });
      // As a hand does, it goes on moving until the page has seen it.
      let x = 700;
      await until(
        page,
        "the hint",
        async () => {
          await session.send("Input.dispatchDragEvent", { type: "dragOver", x: x++, y: 450, data });
          return page.locator(".drop-hint").isVisible();
        },
        (shown) => shown,
      );
      await session.send("Input.dispatchDragEvent", { type: "drop", x: 700, y: 450, data });
    };
    const ids = (): Promise<(string | null)[]> =>
      page.locator("tr[data-run]").evaluateAll((all) => all.map((row) => row.getAttribute("data-run")));
    await until(
      page,
      "the table",
      async () => {
        // A busy browser lets a drop fall that comes before the answer to the last move: the hand tries again.
        if ((await ids()).includes("mnist-cnn-7")) await drag();
        return ids();
      },
      (ids) => ids.length === 2 && ids.includes("circle") && ids.includes("small-gpt"),
    );
    await page.locator('tr[data-run="circle"] th button').click();
    await until(
      page,
      "its steps",
      () => stepOf(page),
      (step) => step === 600,
    );
    assert.equal(await page.locator(".drop-hint").isVisible(), false);
    // Nobody trains it: nothing offers to steer it.
    assert.equal(await page.locator(".steering").count(), 0);
  });
});

test("a page of somebody else reads nothing, commands nothing, and cannot frame the studio", async () => {
  const foreign = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html><title>elsewhere</title><p>elsewhere");
  });
  await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    // This browser has the session's cookie: it is the foreign page that must not profit from it.
    const answer = await page.goto(server.link);
    assert.match(answer?.headers()["content-security-policy"] ?? "", /frame-ancestors 'none'/);
    await page.locator("main[data-screen]").waitFor();
    await page.goto(`http://localhost:${(foreign.address() as AddressInfo).port}/`); // it listens on a port
    const studio = new URL(server.link).origin;
    const told = await page.evaluate(async (origin) => {
      const reads = await fetch(`${origin}/api/runs`, { credentials: "include" }).then(
        (response) => `read ${response.status}`,
        () => "refused",
      );
      const body = JSON.stringify({ command: { type: "stop", save: false } });
      const commands = await fetch(`${origin}/api/runs/mnist-cnn-7/control`, {
        method: "POST",
        credentials: "include",
        headers: { "content-type": "application/json" },
        body,
      }).then(
        (response) => `read ${response.status}`,
        () => "refused",
      );
      const frame = document.createElement("iframe");
      frame.src = `${origin}/`;
      document.body.append(frame);
      await new Promise((resolve) => {
        frame.onload = resolve;
        setTimeout(resolve, 3000);
      });
      let inside = "nothing";
      try {
        inside = frame.contentDocument?.querySelector("main") ? "the studio" : "nothing";
      } catch {
        inside = "nothing";
      }
      return { reads, commands, inside };
    }, studio);
    assert.deepEqual(told, { reads: "refused", commands: "refused", inside: "nothing" });
    const framed = page.frames().find((frame) => frame !== page.mainFrame());
    assert.ok(framed === undefined || !(await framed.content()).includes("studio"), "the studio was framed");
  } finally {
    await context.close();
    foreign.close();
  }
});

test("of files that are opened one upon the other the last are shown, and nothing of those before", async () => {
  const logs = ["small-gpt", "circle"].map((id) => [id, Buffer.from(runs.get(id)!).toString("base64")] as const);
  await withPage(async ({ page, show }) => {
    await show("runs", "mnist-cnn-7");
    // In one turn of the page: what the reader says of the first comes when the second was opened.
    await page.evaluate((all) => {
      const input = document.querySelector<HTMLInputElement>('input[data-open="file"]')!; // the screen of runs has it
      for (const [name, text] of all) {
        const files = new DataTransfer();
        files.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name));
        input.files = files.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }, logs);
    await until(
      page,
      "the last step",
      () => stepOf(page),
      (step) => step === 600,
    );
    const listed = page.locator("tr[data-run]");
    assert.deepEqual(await listed.evaluateAll((all) => all.map((each) => each.getAttribute("data-run"))), ["circle"]);
    assert.equal(await page.locator("select.run-choice").inputValue(), "circle");
  });
});

test("a dropped log is a run; one file holds the page and a run", async () => {
  const folder = mkdtempSync(join(tmpdir(), "studio-export-"));
  try {
    await withPage(async ({ page, show }) => {
      await show("runs", "mnist-cnn-7");
      await page.setInputFiles('input[data-open="file"]', join(written.folder, "circle", "log"));
      await page.waitForSelector('tr[data-run="log"]');
      await page.keyboard.press("2");
      await page.waitForSelector(".boundary [data-step='600']");
      await page.locator(".more summary").click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.locator("[data-do=export]").click()]);
      await download.saveAs(join(folder, "run.html"));
    });
    const context = await browser.newContext();
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on("pageerror", ({ message }) => troubles.push(message));
    page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
    // It is whole in itself: nothing is asked of anybody.
    page.on("request", (request) => {
      if (!/^(?:file|blob|data):/.test(request.url())) troubles.push(`a request to ${request.url()}`);
    });
    await context.setOffline(true);
    await page.goto(`file://${join(folder, "run.html")}#live`);
    await page.waitForSelector(".boundary [data-step='600']");
    const { rows } = await tableOf(page, "Loss");
    const curves = new Curves();
    for (const entry of readLog(runs.get("circle")!).entries) curves.take(entry);
    assert.equal(Number(rows.at(-1)![1]), curves.find("loss")!.values.at(600)!.value);
    for (const screen of screens) {
      await page.keyboard.press(String(screens.indexOf(screen) + 1));
      await page.waitForSelector(`main[data-screen="${screen}"] .panel`);
    }
    assert.deepEqual(troubles, []);
    await context.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
