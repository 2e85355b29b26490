import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Child } from "./child.ts";

/** A worker that answers every request at once. */
const worker = `
  console.log(JSON.stringify({ imported: true }));
  require("node:readline").createInterface({ input: process.stdin }).on("line", () => console.log('{"seconds":1}'));
`;

test("a worker that is stopped does nothing until it goes on", { skip: process.platform === "win32" }, async () => {
  const child = await Child.start({ program: process.execPath, args: ["-e", worker] });
  assert.equal(await child.run("case", 1), 1);
  child.stop();
  let answered = false;
  const answer = child.run("case", 1).then((seconds) => {
    answered = true;
    return seconds;
  });
  await delay(200);
  assert.equal(answered, false);
  child.goOn();
  assert.equal(await answer, 1);
  child.close();
});
