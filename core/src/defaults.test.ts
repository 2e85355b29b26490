import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  type Case,
  camelCase,
  equalForms,
  expectedDefault,
  missingOf,
  otherNames,
  ours,
  tableKeys,
} from "./defaults.test.body.ts";
import { renamed } from "./parity.test.body.ts";

// The options of every class and their defaults, against Keras's own signatures (scripts/goldens/kerasDefaults.py).

type Parameters = Readonly<Record<string, unknown>>;
const path = new URL("../src/goldens/kerasDefaults.json", import.meta.url);
const { version: _, ...modules } = JSON.parse(readFileSync(path, "utf8")) as {
  readonly [M in Case["module"]]: Readonly<Record<string, Parameters>>;
} & { readonly version: string }; // our own file

const ourName = (module: Case["module"], theirs: string): string =>
  renamed[module]?.[theirs]?.split(".").at(-1) ?? camelCase(theirs);

const cases: readonly Case[] = Object.entries(modules).flatMap(([name, classes]) =>
  Object.entries(classes).flatMap(([theirs, parameters]) => {
    const module = name as Case["module"]; // the file's keys
    const found = ours(module, ourName(module, theirs));
    return found === undefined ? [] : [{ module, theirs, parameters, ours: found }];
  }),
);

for (const { module, theirs, parameters, ours } of cases) {
  test(`${module}.${theirs} has Keras's options and their defaults`, () => {
    for (const [parameter, standard] of Object.entries(parameters)) {
      const name = otherNames[parameter] ?? camelCase(parameter);
      if (missingOf(theirs, parameter) !== undefined) {
        assert.ok(!Object.hasOwn(ours, name), `${name} is there now: take it from the table`);
        continue;
      }
      assert.ok(Object.hasOwn(ours, name), `${name} is missing`);
      const expected = expectedDefault(parameter, standard);
      if (expected !== undefined) assert.deepEqual(equalForms(ours[name]), expected, name);
    }
  });
}

test("every class of these modules that is ours is compared", () => {
  const counts = Object.fromEntries(
    Object.keys(modules).map((module) => [module, cases.filter((each) => each.module === module).length]),
  );
  assert.deepEqual(counts, { layers: 114, losses: 22, metrics: 44, optimizers: 14, "optimizers.schedules": 6 });
});

test("no difference in the tables is one of a parameter that Keras has not", () => {
  const classes = Object.values(modules).flatMap((each) => Object.entries(each));
  const known = new Set(
    classes.flatMap(([theirs, given]) => Object.keys(given).flatMap((name) => [`${theirs}.${name}`, name])),
  );
  for (const name of tableKeys) assert.ok(known.has(name), name);
});
