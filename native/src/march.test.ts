import assert from "node:assert/strict";
import { after, describe, it, test } from "node:test";
// Tests are in no package's public interface.
import { conform } from "../../core/dist/device/conformance.js";
import { conformanceSamples } from "../../core/dist/reference/index.js";
import { createNativeDevice, nativeAvailable } from "./index.ts";

/** Lesser machines than most of those that run tests, and what the device calls them. */
const machines = { "x86-64-v3": "AVX2", "x86-64": "SSE2" } as const;

/** Runs `body` as if this machine were another one. */
async function on<T>(machine: string, body: () => Promise<T>): Promise<T> {
  process.env.CHAINRULE_MARCH = machine;
  try {
    return await body();
  } finally {
    delete process.env.CHAINRULE_MARCH;
  }
}

const possible = process.arch === "x64" && (await nativeAvailable()).available;
const contractions = conformanceSamples().filter(({ op }) => op === "contract" || op === "conv");

for (const [machine, unit] of Object.entries(machines)) {
  if (!possible) test(unit, { skip: "no x86-64 machine with a C compiler" }, () => {});
  else {
    const device = await on(machine, () => createNativeDevice({ threads: 2 }));
    describe(`contractions with the register tile of ${unit}`, () => {
      after(() => device.close());
      it("is the machine that CHAINRULE_MARCH names", () => assert.match(device.description, new RegExp(`^${unit},`)));
      conform(device, (name, body) => it(name, body), contractions);
    });
  }
}

test("an unknown CHAINRULE_MARCH is a DeviceError that names the flag", { skip: !possible }, async () => {
  await on("no-such-machine", () => assert.rejects(createNativeDevice(), /-march=no-such-machine/));
});
