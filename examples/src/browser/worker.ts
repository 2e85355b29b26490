/// <reference lib="dom" />
// The worker of the page: trains, so that the page's own thread stays free.
import { type TrainingOptions, type TrainingResult, train } from "./training.ts";

/** What the worker tells the page. */
export type Report =
  | { readonly kind: "step"; readonly loss: number }
  | { readonly kind: "done"; readonly result: TrainingResult }
  | { readonly kind: "failed"; readonly message: string };

const tell = (report: Report): void => postMessage(report);

addEventListener("message", async ({ data }: MessageEvent<TrainingOptions>) => {
  try {
    tell({ kind: "done", result: await train(data, (loss) => tell({ kind: "step", loss })) });
  } catch (error) {
    tell({ kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
