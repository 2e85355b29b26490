import { type ChildProcess, fork } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Curves, type PlacedEntry, type RunEvent, readLog } from "chainrule/record";
import type { Page } from "playwright-core";
import { until } from "./studioPage.ts";

const child = fileURLToPath(new URL("./live.child.js", import.meta.url));

/** Epochs of a training that no machine comes to the end of while a test looks at it. */
const endless = 100_000_000;

/** A training in a process of its own. */
export interface Training {
  readonly id: string;
  readonly ended: Promise<number | null>;
}

/** Real trainings of digits, each in a process, recorded into a folder that is removed in the end. */
export class Trainings {
  readonly runs = mkdtempSync(join(tmpdir(), "studio-live-"));
  readonly #children: ChildProcess[] = [];

  /** Trains for so many epochs, or until it is stopped; `holdAt`: it pauses at this step until it is resumed. */
  start(
    name: string,
    { epochs = endless, holdAt }: { readonly epochs?: number; readonly holdAt?: number } = {},
  ): Training {
    const held = holdAt === undefined ? [] : [String(holdAt)];
    const training = fork(child, [this.runs, name, String(epochs), ...held], { stdio: "inherit" });
    this.#children.push(training);
    return { id: `${name}-1`, ended: new Promise((resolve) => training.on("exit", resolve)) };
  }
  end(): void {
    for (const each of this.#children) each.kill();
    rmSync(this.runs, { recursive: true, force: true });
  }

  log(id: string): readonly PlacedEntry[] {
    const path = join(this.runs, id, "log");
    const bytes = existsSync(path) ? readFileSync(path) : new Uint8Array();
    return bytes.length === 0 ? [] : readLog(bytes).entries; // a file is there before its first line is
  }
  events<T extends RunEvent["type"]>(id: string, type: T) {
    return this.log(id).flatMap(({ kind, content, step }) =>
      kind === "event" && content.type === type
        ? [{ step, event: content as Extract<RunEvent, { readonly type: T }> }] // its type was looked at
        : [],
    );
  }
  /** A series by steps, as the log has it after all rewinds. */
  series(id: string, name: string, split: "train" | "none" = "train") {
    const curves = new Curves();
    for (const entry of this.log(id)) curves.take(entry);
    const { steps, values, times } = curves.find(name, split)!.values;
    return { steps: [...steps], values: [...values], times: [...times] };
  }
}

export const stepOf = (page: Page): Promise<number> =>
  page.locator(".cursor-step b").evaluate((element) => Number(element.getAttribute("data-step")));
export const phaseOf = (page: Page): Promise<string | null> =>
  page.locator(".top-bar .phase").getAttribute("data-phase");
export const waitForStep = (page: Page, step: number): Promise<number> =>
  until(
    page,
    `step ${step}`,
    () => stepOf(page),
    (now) => now >= step,
  );
export const waitForPhase = (page: Page, phase: string): Promise<string | null> =>
  until(
    page,
    phase,
    () => phaseOf(page),
    (now) => now === phase,
  );
/** Shows a run, as soon as the page knows of it. */
export async function follow(page: Page, id: string, screen = "live"): Promise<void> {
  await page.waitForSelector(`option[value="${id}"]`, { state: "attached" });
  await page.evaluate(
    ([to, run]) => {
      location.hash = `${to}&run=${run}`;
    },
    [screen, id] as const,
  );
  await page.waitForSelector(`main[data-screen="${screen}"] .panel`);
}
