/// <reference lib="dom" />
// The page: fetches the digits, lets a worker train on them, shows the loss, and watches whether it stays responsive.
import type { TrainingOptions, TrainingResult } from "./training.ts";
import type { Report } from "./worker.ts";

/** What can be chosen in the page's address, such as `?steps=30&threads=2`. */
export type PageSettings = Omit<TrainingOptions, "images" | "labels">;

export interface PageResult extends TrainingResult {
  readonly isolated: boolean;
  /** Turns of the page's event loop while the worker trained, and the longest time between two of them. */
  readonly turns: number;
  readonly longestGapMs: number;
}

const turnMs = 5;

/** Trains in a worker with the digits that the server has. */
export async function run(settings: PageSettings): Promise<PageResult> {
  const status = document.querySelector("output");
  const fetchBytes = async (path: string): Promise<ArrayBuffer> => (await fetch(path)).arrayBuffer();
  const [images, labels] = await Promise.all([fetchBytes("/images.bin"), fetchBytes("/labels.bin")]);
  const worker = new Worker("/worker.js", { type: "module" });
  const turns = watchTurns();
  const result = await new Promise<TrainingResult>((resolve, reject) => {
    let step = 0;
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      if (data.kind === "done") resolve(data.result);
      else if (data.kind === "failed") reject(new Error(data.message));
      else if (status !== null) status.value = `step ${++step}, loss ${data.loss.toFixed(4)}`;
    };
    const options: TrainingOptions = { ...settings, images: new Float32Array(images), labels: new Uint8Array(labels) };
    worker.postMessage(options);
  });
  worker.terminate();
  if (status !== null) status.value += `; done in ${(result.milliseconds / 1000).toFixed(1)} s on ${result.device}`;
  return { ...result, isolated: crossOriginIsolated, ...turns.stop() };
}

/** Counts the turns of this thread's event loop until `stop`. */
function watchTurns() {
  let turns = 0;
  let longestGapMs = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longestGapMs = Math.max(longestGapMs, now - last);
    last = now;
    turns++;
  }, turnMs);
  return {
    stop: () => {
      clearInterval(timer);
      return { turns, longestGapMs };
    },
  };
}

Object.assign(globalThis, { run });
