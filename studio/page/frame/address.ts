import { effect } from "@preact/signals";
import { cursor, openRun, runId, screen, screens } from "../state.ts";

// What is looked at stands in the address: #live&run=mnist-cnn-7&step=1240. A link shows another person the same thing.

/** Takes screen, run and step from the address, and keeps them there. */
export function followAddress(): void {
  read();
  addEventListener("hashchange", read);
  effect(() => {
    const parts = [
      screen.value,
      ...(runId.value === undefined ? [] : [`run=${encodeURIComponent(runId.value)}`]),
      ...(cursor.value === "live" ? [] : [`step=${cursor.value}`]),
    ];
    history.replaceState(null, "", `#${parts.join("&")}`);
  });
}

function read(): void {
  const [name, ...rest] = location.hash.slice(1).split("&");
  const told = new URLSearchParams(rest.join("&"));
  const known = screens.find((each) => each === name);
  if (known !== undefined) screen.value = known;
  const run = told.get("run");
  if (run !== null) openRun(run);
  const step = Number(told.get("step") ?? Number.NaN);
  if (Number.isSafeInteger(step)) cursor.value = step;
}
