import assert from "node:assert/strict";
import { test } from "node:test";
import { convnet } from "./convnet.ts";
import { gpt, gptParameters, gptVariables } from "./gpt.ts";
import { mlp } from "./mlp.ts";
import { resnet, resnetParameters } from "./resnet.ts";

const count = (variables: readonly { readonly size: number }[]): number =>
  variables.reduce((sum, { size }) => sum + size, 0);

// Nothing is computed: variables know their sizes before they are initialised.
const models: readonly [string, number, () => number][] = [
  ["W2 MLP", 784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10, () => count(mlp().trainableVariables)],
  ["W3 convnet", 104_202, () => count(convnet().trainableVariables)],
  ["W4 ResNet-18", resnetParameters, () => count(resnet().trainableVariables)],
  ["W5 GPT", gptParameters, () => count(gptVariables(gpt()))],
];
for (const [name, expected, counted] of models) {
  test(`${name} has ${expected.toLocaleString("en-US")} parameters`, () => assert.equal(counted(), expected));
}
test("the counts are those of the specification", () => {
  assert.deepEqual([resnetParameters, gptParameters], [11_173_962, 10_750_080]);
});
