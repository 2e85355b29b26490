import { after, test } from "node:test";
import { attend, storesNoScores } from "../../attention.test.body.ts";
import { createWasmDevice } from "./index.ts";

const device = await createWasmDevice({ threads: 2 });
after(() => device.close());
attend(device, test);
test("wasm: an attention and its derivative store no scores", () => storesNoScores(device.target));
