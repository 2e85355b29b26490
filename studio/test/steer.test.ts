import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type StudioServer, startServer } from "@chainrule/studio";
import type { CommandType } from "chainrule/record";
import type { Browser, Page } from "playwright-core";
import { launch, type OpenPage, openPage, tableOf, until } from "./studioPage.ts";
import { follow, phaseOf, stepOf, type Training, Trainings, waitForPhase, waitForStep } from "./trainings.ts";

// One real training, and all that a page can do with it, test by test.

const trainings = new Trainings();
let browser: Browser;
let server: StudioServer;
let opened: OpenPage;
let page: Page;
let training: Training;
/** The run that is looked at: the training's own, later its branch. */
let id: string;

before(async () => {
  training = trainings.start("steered");
  ({ id } = training);
  browser = await launch();
  server = await startServer({ runs: trainings.runs });
  opened = await openPage(browser, server.link);
  ({ page } = opened);
  await follow(page, id);
  await waitForStep(page, 5);
});
after(async () => {
  await browser?.close();
  await server?.close();
  trainings.end();
});

/** Goes to a screen of the run. */
const show = (screen: string): Promise<void> => opened.show(screen, id);

/** The last command of a type that was obeyed, once there are more than `before`. */
async function obeyed(type: CommandType, before: number) {
  const told = () => {
    const commands = trainings.events(id, "command").filter(({ event }) => event.command.type === type);
    const answers = trainings.events(id, "acknowledgement");
    return commands.flatMap(({ event }) => {
      const answer = answers.find((each) => each.event.id === event.id);
      return answer === undefined ? [] : [{ command: event.command, answer: answer.event }];
    });
  };
  const all = await until(
    page,
    `${type} is in the log`,
    async () => told(),
    (list) => list.length > before,
  );
  const last = all.at(-1)!; // there are more than `before`
  assert.ok(last.answer.accepted, `${type} was refused: ${last.answer.reason}`);
  return last;
}

const pause = async (): Promise<void> => {
  if ((await phaseOf(page)) !== "paused") await page.locator("[data-do=pause]").click();
  await waitForPhase(page, "paused");
};
const lastOfLog = (): number | undefined => trainings.series(id, "loss").steps.at(-1);
const resume = async (): Promise<void> => {
  await page.locator("[data-do=resume]").click();
  // It trains and evaluates in turn, faster than the page tells.
  await until(
    page,
    "it goes on",
    () => phaseOf(page),
    (phase) => phase === "training" || phase === "evaluating",
  );
};
const menu = async (action: string): Promise<void> => {
  await page.locator(".more summary").click();
  await page.locator(`.menu [data-do=${action}]`).first().click();
};

test("pause holds the step for a second, step does one, resume goes on", async () => {
  await page.keyboard.press(" ");
  await waitForPhase(page, "paused");
  const held = await stepOf(page);
  await page.waitForTimeout(1000);
  assert.deepEqual([await stepOf(page), lastOfLog()], [held, held]);
  await page.keyboard.press(".");
  await obeyed("step", 0);
  await waitForStep(page, held + 1);
  // It pauses again: one that went on would be further a second later.
  await page.waitForTimeout(1000);
  assert.deepEqual([await stepOf(page), lastOfLog()], [held + 1, held + 1]);
  await page.keyboard.press(" ");
  await waitForStep(page, held + 5);
});

test("another learning rate: acknowledged at a step, marked there, and in all steps after it until it is undone", async () => {
  await pause();
  const rateAt = (steps: readonly number[], values: readonly number[], step: number) => values[steps.indexOf(step)];
  const slider = page.locator('[data-parameter="learningRate"]');
  await slider.evaluate((element: HTMLInputElement) => {
    element.value = String(Number(element.value) - 40);
    element.dispatchEvent(new Event("input", { bubbles: true }));
    element.dispatchEvent(new Event("change", { bubbles: true }));
  });
  const { command, answer } = await obeyed("set", 0);
  assert.ok(command.type === "set" && command.name === "learningRate");
  const { value } = command;
  const at = answer.step;
  const markers = () => page.locator(".plot").first().getAttribute("data-markers");
  await until(page, "the marker", markers, (told) => told?.includes(`command@${at}`) === true);
  assert.match(await page.locator(".event-command").first().innerText(), /learningRate = /);
  await resume();
  await waitForStep(page, at + 8);
  const { steps, values } = trainings.series(id, "learningRate", "none");
  assert.notEqual(rateAt(steps, values, at), Math.fround(value));
  for (let step = at + 1; step <= at + 5; step++) assert.equal(rateAt(steps, values, step), Math.fround(value));
  // The page draws what the log has.
  const choice = page.locator('select[aria-label="figure"]');
  await choice.selectOption("learningRate");
  const { rows } = await tableOf(page, choice);
  const after = rows.filter(([step]) => Number(step!.replaceAll(",", "")) > at);
  assert.ok(after.length > 0 && after.every(([, rate]) => Number(rate) === Math.fround(value)));

  await page.locator("[data-do=undo]").first().click();
  const undo = await obeyed("undo", 0);
  assert.equal(undo.answer.result?.["step"], at);
  await waitForStep(page, at + 3);
  await until(
    page,
    "the old rate again",
    async () => trainings.series(id, "learningRate", "none"),
    (now) => now.steps.includes(at + 2) && rateAt(now.steps, now.values, at + 2) !== Math.fround(value),
  );
});

test("a digit is drawn by the mouse: the bars answer, and change with the drawing", async () => {
  await pause();
  await page.locator(".pad").scrollIntoViewIfNeeded();
  const box = (await page.locator(".pad canvas").boundingBox())!; // it was scrolled to
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
  await resume();
});

/** A picture as a file, [height, width] of colours, encoded by the browser. */
async function pictureFile(height: number, width: number, colorAt: (row: number, column: number) => readonly number[]) {
  const pixels = Array.from({ length: height * width }, (_, at) => [
    ...colorAt(Math.floor(at / width), at % width),
    255,
  ]);
  const bytes = await page.evaluate(
    async ([across, down, data]) => {
      const canvas = new OffscreenCanvas(across, down);
      canvas.getContext("2d")?.putImageData(new ImageData(Uint8ClampedArray.from(data), across, down), 0, 0);
      return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
    },
    [width, height, pixels.flat()] as const,
  );
  return { name: "own.png", mimeType: "image/png", buffer: Buffer.from(bytes) };
}

/** What the paused training says of numbers: the likeliest class, and how likely. */
async function saidOf(input: readonly number[]): Promise<{ readonly guess: string; readonly share: number }> {
  const output = await page.evaluate(
    async ([run, numbers]) => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ input: numbers });
      const answer = await fetch(`api/runs/${run}/predict`, { method: "POST", headers, body });
      return ((await answer.json()) as { readonly output: readonly number[] }).output;
    },
    [id, input] as const,
  );
  const share = Math.max(...output);
  return { guess: String(output.indexOf(share)), share };
}

test("a picture of one's own: chosen, pasted or dropped, it is scaled to the model's input, and judged as its numbers are", async () => {
  await pause();
  const side = 28;
  const ring = (row: number, column: number): number => {
    const distance = Math.hypot(row - 13.5, column - 13.5);
    return distance > 5 && distance < 9 ? 230 : 10;
  };
  const bar = (_: number, column: number): number => (column > 11 && column < 16 ? 250 : 0);
  const numbers = (valueAt: (row: number, column: number) => number): number[] =>
    Array.from({ length: side * side }, (_, at) => valueAt(Math.floor(at / side), at % side) / 255);
  const pad = page.locator(".pad");
  const shows = async (what: string, wanted: { readonly guess: string; readonly share: number }): Promise<void> => {
    await until(
      page,
      `${what}: ${JSON.stringify(wanted)}`,
      async () => {
        const share = /(\d+) %/.exec(await page.locator(".guesses").innerText())?.[1];
        return { guess: await page.locator(".guesses").getAttribute("data-guess"), share: Number(share) / 100 };
      },
      ({ guess, share }) => guess === wanted.guess && Math.abs(share - wanted.share) < 0.02,
    );
  };
  const [ofRing, ofBar, ofRed] = [
    await saidOf(numbers(ring)),
    await saidOf(numbers(bar)),
    await saidOf(numbers(() => 0.299 * 255)),
  ];
  assert.notDeepEqual(ofRing, ofBar);

  const choose = page.locator("[data-open=picture]");
  await choose.setInputFiles(await pictureFile(side, side, (row, column) => [1, 1, 1].map(() => ring(row, column))));
  await shows("as it is", ofRing);
  // Twice as large, dark on light, and wider than high: what lies left and right of its middle does not count.
  const wide = await pictureFile(2 * side, 3 * side, (row, column) =>
    [1, 1, 1].map(() => 255 - bar(row >> 1, (column - side / 2) >> 1)),
  );
  await choose.setInputFiles(wide);
  await page.locator("[data-do=invert]").click();
  await shows("scaled and inverted", ofBar);
  const red = await pictureFile(side, side, () => [255, 0, 0]);
  const give = (type: "drop" | "paste", file: Awaited<ReturnType<typeof pictureFile>>): Promise<void> =>
    pad.evaluate(
      (element, [what, bytes]) => {
        const given = new DataTransfer();
        given.items.add(new File([Uint8Array.from(bytes)], "own.png", { type: "image/png" }));
        const init = { bubbles: true, cancelable: true };
        element.dispatchEvent(
          what === "drop"
            ? new DragEvent("drop", { ...init, dataTransfer: given })
            : new ClipboardEvent("paste", { ...init, clipboardData: given }),
        );
      },
      [type, [...file.buffer]] as const,
    );
  await give("drop", red);
  await shows("grey as bright as red", ofRed);
  await give("paste", wide);
  await page.locator("[data-do=invert]").click();
  await shows("pasted", ofBar);
  await choose.setInputFiles({ name: "no.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await until(
    page,
    "it is said",
    () => page.locator(".notice").innerText(),
    (text) => text.includes("no.png is no picture"),
  );
  await resume();
});

test("evaluate now, a note, a checkpoint, back to it, and a branch from it that is followed", async () => {
  await menu("evaluate");
  await obeyed("evaluate", 0);
  const note = "looked at by a test";
  await page.locator(".more summary").click();
  await page.locator(".menu input").fill(note);
  await page.keyboard.press("Enter");
  await obeyed("note", 0);
  await until(
    page,
    "the note is listed",
    () => page.locator(".event-note").allInnerTexts(),
    (texts) => texts.some((text) => text.includes(note)),
  );

  await menu("checkpoint");
  const { answer } = await obeyed("checkpoint", 0);
  const saved = String(answer.result?.["checkpoint"]);
  await waitForStep(page, answer.step + 10);
  await pause();
  const ahead = await stepOf(page);
  const choose = async (action: "rewind" | "branch"): Promise<void> => {
    await page.locator(".more summary").click();
    await page.locator(`.checkpoints li:has-text("step ${answer.step},") [data-do=${action}]`).first().click();
  };
  await choose("rewind");
  const rewound = await obeyed("rewind", 0);
  assert.deepEqual([rewound.answer.result?.["step"], rewound.answer.result?.["checkpoint"]], [answer.step, saved]);
  await until(
    page,
    "the page is back there",
    () => stepOf(page),
    (step) => step <= answer.step + 1,
  );
  await resume();
  await waitForStep(page, ahead + 2);
  // The curve of the page goes on from there, each step once.
  const { rows } = await tableOf(page, "Loss");
  const { steps, values } = trainings.series(id, "loss");
  assert.equal(new Set(steps).size, steps.length);
  for (const [step, train] of rows.slice(0, -2))
    assert.equal(Number(train), values[steps.indexOf(Number(step!.replaceAll(",", "")))]);

  await choose("branch");
  await until(
    page,
    "the page follows the branch",
    () => page.locator("select.run-choice").inputValue(),
    (run) => run === "steered-2",
  );
  await until(
    page,
    "the first run has stopped",
    async () => trainings.events(id, "phase").at(-1)?.event.phase,
    (phase) => phase === "stopped",
  );
  id = "steered-2";
  await until(
    page,
    "the branch's log is begun",
    async () => trainings.events(id, "run").length,
    (count) => count > 0,
  );
  assert.deepEqual(trainings.events(id, "run")[0]?.event.run.parent, {
    run: "steered-1",
    step: answer.step,
    checkpoint: saved,
  });
  await until(
    page,
    "the branch trains",
    () => phaseOf(page),
    (phase) => phase === "training" || phase === "evaluating",
  );
  await waitForStep(page, answer.step + 5);
});

test("a layer is frozen and goes on; a unit is set to zero, and that is undone", async () => {
  await show("network");
  await page.locator('[data-box="conv1"]').click();
  const numbers = () => page.locator('.unit-view [aria-label="kernel"]').innerText();
  const take = async (): Promise<string> => {
    const said = await page.locator("[data-do=weights]").innerText();
    // At the same step the button would say the same.
    await waitForStep(page, Number((/step ([\d,]+)/.exec(said)?.[1] ?? "0").replaceAll(",", "")) + 1);
    await page.locator("[data-do=weights]").click();
    await until(
      page,
      "the weights are taken again",
      () => page.locator("[data-do=weights]").innerText(),
      (text) => text !== said,
    );
    return numbers();
  };
  await page.waitForSelector('.unit-view [aria-label="kernel"]');
  await page.locator("[data-do=freeze]").click();
  await obeyed("freeze", 0);
  await until(
    page,
    "the button says so",
    () => page.locator("[data-do=freeze]").getAttribute("aria-pressed"),
    (pressed) => pressed === "true",
  );
  const frozen = await take();
  const since = await stepOf(page);
  await waitForStep(page, since + 20);
  assert.equal(await take(), frozen);
  await page.locator("[data-do=freeze]").click();
  await obeyed("freeze", 1);

  await pause();
  await page.locator('.layer-panel input[type="number"]').fill("3");
  const before = await numbers();
  await page.locator("[data-do=ablate]").click();
  const { command } = await obeyed("ablate", 0);
  assert.deepEqual(command, { type: "ablate", layer: "conv1", unit: 3 });
  await page.locator("[data-do=weights]").click();
  await until(page, "the unit's kernel is zero", numbers, (text) => /^[\s0.−]+$/.test(text) && text !== before);
  await show("live");
  await page.locator(".event", { hasText: "unit 3 set to zero" }).locator("[data-do=undo]").click();
  await obeyed("undo", 0);
  await show("network");
  await page.locator('.layer-panel input[type="number"]').fill("3");
  await until(page, "the unit's kernel is back", numbers, (text) => !/^[\s0.−]+$/.test(text));
});

test("a weight is typed on the paused run: it stands there, is marked, and undone", async () => {
  await pause();
  await show("network");
  await page.locator('[data-box="conv1"]').click();
  const [place, value] = ["place", "value"].map((label) =>
    page.locator(`.layer-panel form input[aria-label^=${label}]`),
  );
  await place!.fill("1, 2, 0, 3");
  const present = () => value!.getAttribute("placeholder");
  const before = await until(page, "what is there", present, (text) => text !== "");
  const type = async (text: string): Promise<void> => {
    await value!.fill(text);
    await page.locator("[data-do=edit]").click();
  };
  const said = (wanted: string) =>
    until(
      page,
      wanted,
      () => page.locator(".notice").innerText(),
      (text) => text.includes(wanted),
    );
  await type("much");
  await said('"much" is no finite number');
  await type("1e39");
  await said("no finite number in f32");
  await type("-0.625");
  const { command, answer } = await obeyed("edit", 1);
  assert.deepEqual(command, { type: "edit", variable: "conv1/kernel", index: 43, value: -0.625 });
  assert.ok(Math.abs(Number(answer.result?.["before"]) - Number(before)) < 1e-5);
  await until(page, "the number typed", present, (text) => text === "-0.625");
  await place!.fill("72");
  await type("1");
  await said("conv1/kernel is 3×3×1×8: it has no place 72");
  await show("live");
  const event = page.locator(".event", { hasText: "conv1/kernel[43] = -0.625" });
  await event.locator("[data-do=undo]").click();
  await obeyed("undo", 1);
  await show("network");
  await page.locator('[data-box="conv1"]').click();
  await place!.fill("43");
  await until(page, "the old number", present, (text) => text === before);
});

test("a mistake is explained: saliency, Grad-CAM, occlusion, and the training examples next to it", async () => {
  await menu("evaluate");
  await obeyed("evaluate", 0);
  await show("data");
  await page.waitForSelector(".mistakes [data-example]");
  for (const explanation of ["saliency", "gradCam", "occlusion"]) {
    await page.locator(`[data-do=${explanation}]`).click();
    await page.waitForSelector(`[data-explanation=${explanation}] canvas`);
  }
  await page.locator("[data-do=nearest]").click();
  await until(
    page,
    "six neighbours",
    () => page.locator("[data-near] canvas").count(),
    (count) => count === 6,
  );
  const distances = await page.locator("[data-near] .muted").allInnerTexts();
  assert.deepEqual(
    distances.map(Number),
    distances.map(Number).sort((a, b) => a - b),
  );
  assert.ok(Number(await page.locator(".said-history").getAttribute("data-history")) >= 1);
});

test("what training sees of an example is shown in several draws", async () => {
  await page.locator("[data-do=augmented]").click();
  await until(
    page,
    "eight draws",
    () => page.locator("[data-draw] canvas").count(),
    (count) => count === 9,
  );
  // Not by getImageData, of which Chromium warns when it is asked again.
  const drawn = () =>
    page.locator("[data-draw] canvas").evaluateAll((all) => all.map((each) => (each as HTMLCanvasElement).toDataURL()));
  // They are there before they are drawn.
  await until(page, "draws that differ", drawn, (pictures) => new Set(pictures).size > 6);
});

test("outliers are found: a picture that is dark on light", async () => {
  await page.locator("[data-do=outliers]").click();
  const title = () => page.locator(".mistakes h2").innerText();
  await until(page, "outliers", title, (text) => /outliers of validation \(\d+\)/i.test(text));
  await page.locator('.mistakes button[aria-label^="validation/200:"]').click();
  await page.waitForSelector('[data-example="validation/200"] .selected-picture canvas');
  assert.match(await page.locator(".why").innerText(), /features lie [\d.]+ times what counts as far from class \d/);
  await page.locator("[data-do=unselect]").click();
});

test("a lasso around embeddings shows the examples in it", async () => {
  await page.locator("[data-do=embed]").click();
  await until(
    page,
    "the points",
    async () => Number(await page.locator(".embeddings [data-points]").getAttribute("data-points")),
    (points) => points === 256,
  );
  const canvas = page.locator(".embeddings canvas");
  await canvas.scrollIntoViewIfNeeded();
  const box = (await canvas.boundingBox())!; // it was scrolled to
  await page.mouse.move(box.x + 1, box.y + 1);
  await page.mouse.down();
  for (const [x, y] of [
    [0.5, 0],
    [0.5, 1],
    [0, 1],
  ] as const)
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height - 2, { steps: 4 });
  await page.mouse.up();
  const title = () => page.locator(".mistakes h2").innerText();
  const half = await until(page, "the gallery", title, (text) => /in the lasso \(\d+\)/i.test(text));
  const inLasso = Number(/\((\d+)\)/.exec(half)![1]);
  assert.ok(inLasso > 0 && inLasso < 256, half);
  await until(
    page,
    "their pictures",
    () => page.locator(".mistakes .gallery canvas").count(),
    (count) => count === Math.min(96, inLasso),
  );
  // A class is a selection too, without a mouse.
  await page.locator(".embeddings .legend button").first().focus();
  await page.keyboard.press("Enter");
  await until(page, "the class", title, (text) => /class 0 \(\d+\)/i.test(text));
  await page.locator("[data-do=unselect]").click();
  await until(page, "the mistakes again", title, (text) => /worst mistakes/i.test(text));
});

test("stop and save ends the training, with a checkpoint on disk", async () => {
  await show("live");
  await page.locator("[data-do=stop]").click();
  await waitForPhase(page, "stopped");
  assert.equal(await training.ended, 0);
  const checkpoint = trainings
    .log(id)
    .flatMap(({ kind, content }) => (kind === "checkpoint" && content.cause === "stop" ? [content] : []))
    .at(-1);
  assert.ok(checkpoint?.sha256 !== undefined, "there is no checkpoint of the stop");
  const { sha256 } = checkpoint;
  assert.ok(existsSync(join(trainings.runs, id, "blobs", sha256)));
  assert.deepEqual(opened.troubles, []);
});
