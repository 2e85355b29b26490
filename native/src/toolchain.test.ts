import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DeviceError } from "chainrule/base";
import { createNativeDevice, nativeAvailable } from "./index.ts";
import { describeTarget } from "./target.ts";
import { nativeTest, testFolder } from "./testing.ts";
import { findToolchain } from "./toolchain.ts";

/** Runs `body` with CHAINRULE_CC set. */
async function withCompiler<T>(command: string, body: () => Promise<T>): Promise<T> {
  const before = process.env.CHAINRULE_CC;
  process.env.CHAINRULE_CC = command;
  try {
    return await body();
  } finally {
    if (before === undefined) delete process.env.CHAINRULE_CC;
    else process.env.CHAINRULE_CC = before;
  }
}

test("a missing compiler is a DeviceError that says what to do", async () => {
  await withCompiler("/nonexistent/cc", async () => {
    assert.deepEqual(await nativeAvailable(), { available: false, reason: "no C compiler found (/nonexistent/cc)" });
    await assert.rejects(createNativeDevice(), (error: unknown) => {
      assert.ok(error instanceof DeviceError);
      assert.match(error.message, /no C compiler found \(\/nonexistent\/cc\)/);
      assert.match(error.message, /tried +\/nonexistent\/cc.*: not found/);
      assert.match(error.message, /hint +install gcc or clang, or set CHAINRULE_CC/);
      return true;
    });
  });
});

test("a program that is no compiler is a DeviceError", async () => {
  await withCompiler("/bin/true", () => assert.rejects(findToolchain(), /no C compiler found/));
});

nativeTest("a source that does not compile is a DeviceError with the compiler's words", async () => {
  const { Cache } = await import("./cache.ts");
  const { compileLibrary } = await import("./compile.ts");
  const cache = await Cache.open(testFolder());
  await assert.rejects(compileLibrary(["int broken("], await findToolchain(), cache), (error: unknown) => {
    assert.ok(error instanceof DeviceError);
    assert.match(error.message, /could not compile/);
    assert.match(error.message, /expected/);
    return true;
  });
});

nativeTest("a compiler that dies is a DeviceError", async () => {
  const folder = testFolder();
  const script = join(folder, "cc");
  const { command } = await findToolchain();
  await writeFile(
    script,
    `#!/bin/sh\ncase "$*" in *-dM*) exec ${command} "$@";; esac\necho "internal compiler error" >&2\nexit 4\n`,
    { mode: 0o700 },
  );
  await withCompiler(script, () =>
    assert.rejects(
      createNativeDevice({ cacheFolder: join(folder, "cache") }),
      /could not compile[\s\S]*internal compiler error/,
    ),
  );
});

const machines = {
  "AVX-512": [["__AVX512F__", "__AVX2__", "__FMA__", "__SSE2__"], { lanes: 16, rows: 12, columns: 32 }],
  AVX2: [["__AVX2__", "__FMA__", "__SSE2__"], { lanes: 8, rows: 6, columns: 16 }],
  NEON: [["__ARM_NEON"], { lanes: 4, rows: 8, columns: 12 }],
  SSE2: [["__SSE2__"], { lanes: 4, rows: 6, columns: 8 }],
} as const;

for (const [name, [macros, { lanes, rows, columns }]] of Object.entries(machines)) {
  test(`the target of ${name}: whole vectors, whole tiles, and registers for all accumulators`, () => {
    const target = describeTarget(new Map(macros.map((macro) => [macro, "1"])), { first: 32768, second: 1048576 }, 4);
    assert.deepEqual([target.vectorLanes, target.tile], [lanes, { rows, columns }]);
    assert.equal(columns % lanes, 0);
    assert.ok((rows * columns) / lanes + columns / lanes + 1 <= target.vectorRegisters);
    assert.ok(target.rowBlock >= rows);
    assert.equal(target.columnBlock % columns, 0);
    const panels = (target.rowBlock + columns) * target.depthBlock * 4;
    assert.ok(panels <= 1048576 / 2 && target.depthBlock >= 64, `${panels} bytes`);
    assert.equal(target.threads, 4);
  });
}
