import assert from "node:assert/strict";
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ArgumentError } from "../base/errors.ts";
import { createReferenceDevice } from "./reference/index.ts";
import { defaultDevice, deviceReport, selection, setDevice, setThreads } from "./select.ts";

const here = fileURLToPath(import.meta.url);

/** What a fresh process reports about its device, without any program on its path. */
function reportOf(environment: Record<string, string>): string {
  const script = `import { deviceReport } from ${JSON.stringify(here.replace("select.test", "select"))};
    try { console.log((await deviceReport()).line); } catch (error) { console.log(String(error)); }
    process.exit(0);`;
  const loader = here.endsWith(".ts") ? ["--import", "tsx"] : [];
  const options = {
    env: { PATH: "", HOME: process.env["HOME"] ?? "/tmp", ...environment },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  } satisfies ExecFileSyncOptionsWithStringEncoding;
  return execFileSync(process.execPath, [...loader, "--input-type=module", "-e", script], options).trim();
}

test("without a C compiler WASM takes over, and says so", () => {
  assert.match(reportOf({}), /^wasm: .*; native is not used: .+/);
});

test("a device that was asked for and is missing is an error", () => {
  assert.match(
    reportOf({ CHAINRULE_DEVICE: "native" }),
    /^DeviceError: the device "native" was asked for and cannot be used: /,
  );
});

test("an unknown name in the environment is named, with the nearest valid one", () => {
  assert.match(
    reportOf({ CHAINRULE_DEVICE: "wsam" }),
    /ArgumentError: CHAINRULE_DEVICE: there is no device "wsam"[\s\S]*did you mean "wasm"/,
  );
});

test("a choice holds at once, and one device serves all choices of its name", async () => {
  const chosen = setDevice("reference");
  const now = selection();
  assert.equal(await chosen, await now.ready);
  await setDevice(createReferenceDevice());
  assert.notEqual(selection(), now);
  assert.equal(await setDevice("reference"), await chosen);
  assert.equal(selection(), now);
});

test("a device of one's own", async () => {
  const own = { ...createReferenceDevice(), description: "mine" };
  await setDevice(own);
  assert.equal(await defaultDevice(), own);
  assert.equal((await deviceReport()).line, "reference: mine");
  setThreads(1);
  assert.equal(await defaultDevice(), own, "threads are for devices that are made here");
});

test("threads are positive integers", () => {
  for (const count of [0, -1, 1.5, Number.NaN]) assert.throws(() => setThreads(count), ArgumentError);
});
