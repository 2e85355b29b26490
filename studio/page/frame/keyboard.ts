import { signal } from "@preact/signals";
import { focused } from "../parts/figure.tsx";
import { hurry } from "../scheduler.ts";
import {
  command,
  cursor,
  digest,
  isLive,
  lastStep,
  logY,
  moveCursor,
  screen,
  screens,
  smoothing,
  step,
} from "../state.ts";

export const helpOpen = signal(false);

/** Raised by "/": the filter takes the focus. */
export const filterAsked = signal(0);

interface Key {
  /** As people read it. */
  readonly label: string;
  readonly does: string;
  readonly run: () => void;
}

const smoothings = [0, 0.6, 0.9, 0.98];
const stride = (): number => Math.max(1, Math.round(lastStep.value / 100));

export const pauseOrResume = (): Promise<void> =>
  command({ type: digest.value?.phase === "paused" ? "resume" : "pause" });

/** By `KeyboardEvent.key`. */
export const keys: Readonly<Record<string, Key>> = {
  " ": { label: "Space", does: "pause or resume", run: () => isLive.value && void pauseOrResume() },
  ".": { label: ".", does: "train one step", run: () => isLive.value && void command({ type: "step", count: 1 }) },
  "[": { label: "[", does: "time back", run: () => moveCursor(step.value - stride()) },
  "]": { label: "]", does: "time forward", run: () => moveCursor(step.value + stride()) },
  End: { label: "End", does: "follow the live run", run: () => (cursor.value = "live") },
  l: { label: "L", does: "logarithmic values", run: () => (logY.value = !logY.value) },
  s: { label: "S", does: "more smoothing, or none", run: nextSmoothing },
  t: { label: "T", does: "the focused figure as a table", run: () => focused.value?.() },
  "/": { label: "/", does: "filter runs", run: askFilter },
  "?": { label: "?", does: "this list", run: () => (helpOpen.value = !helpOpen.value) },
  ...Object.fromEntries(
    screens.map((name, at) => [
      String(at + 1),
      { label: String(at + 1), does: `screen ${name}`, run: () => (screen.value = name) },
    ]),
  ),
};

function nextSmoothing(): void {
  const place = smoothings.findIndex((each) => each >= smoothing.value);
  smoothing.value = smoothings[(place + 1) % smoothings.length] ?? 0;
}

function askFilter(): void {
  screen.value = "runs";
  filterAsked.value++;
}

export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (key === "Escape") helpOpen.value = false;
    if (isTyping(target) || (target instanceof HTMLElement && key === " " && target.closest("button, summary, a")))
      return;
    // Sliders have a use for End of their own.
    if (key === "End" && target instanceof HTMLInputElement) return;
    const own = keys[key.length === 1 ? key.toLowerCase() : key];
    if (own === undefined) return;
    event.preventDefault();
    own.run();
    hurry();
  });
}

/** Whether keys are letters of a text. */
const isTyping = (target: EventTarget | null): boolean =>
  (target instanceof HTMLInputElement && target.type !== "range" && target.type !== "checkbox") ||
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement;
