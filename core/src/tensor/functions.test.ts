import { test } from "node:test";
import { assertAgree, results } from "./functions.test.body.ts";
import { setDevice } from "./index.ts";

test("functions made of many primitives on wasm, compiled: the results of the reference", async () => {
  await setDevice("reference");
  const expected = await results();
  await setDevice("wasm");
  assertAgree(await results(), expected);
});
