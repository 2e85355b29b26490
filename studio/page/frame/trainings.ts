import { openSource } from "../state.ts";

/** Whether runs come from a training in this browser: the page was opened as index.html?source=port, and asks no server. */
export const trainsHere = new URLSearchParams(location.search).get("source") === "port";

/** The words that come with a port. */
export const trainingWords = "chainrule-training";

/**
 * Takes a training of this browser: its program posts "chainrule-training" with one end of a channel to this window, whose other
 * end its worker has (`portRecording` of "@chainrule/studio/browser"). A window that opened the page is told when it listens.
 */
export function listenToTrainings(): void {
  addEventListener("message", ({ origin, data, ports }) => {
    const [port] = ports;
    if (origin === location.origin && data === trainingWords && port !== undefined) openSource({ kind: "port", port });
  });
  if (trainsHere && parent !== window) parent.postMessage("chainrule-studio", location.origin);
}
