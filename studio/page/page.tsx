import { render } from "preact";
import { embedded } from "./files.ts";
import { followAddress } from "./frame/address.ts";
import { App } from "./frame/app.tsx";
import { listenToDrops } from "./frame/drop.ts";
import { listenToKeys } from "./frame/keyboard.ts";
import { listenToTrainings, trainsHere } from "./frame/trainings.ts";
import { openSource } from "./state.ts";

listenToKeys();
listenToDrops();
listenToTrainings();

if (embedded !== undefined) {
  const bytes = Uint8Array.from(atob(embedded.log), (letter) => letter.charCodeAt(0));
  openSource({ kind: "memory", runs: [{ id: embedded.name, bytes }] });
} else if (location.protocol.startsWith("http") && !trainsHere) {
  openSource({ kind: "http", base: new URL(".", document.baseURI).href });
}
// After the source: what is opened anew shows its newest run, and an address may name another.
followAddress();

const root = document.getElementById("studio");
if (root !== null) render(<App />, root);
