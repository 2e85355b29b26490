import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { differences } from "./defaults.test.body.ts";
import * as chainrule from "./index.ts";
import { rows } from "./model/rows/index.test.body.ts";
import { camelCase, devices, homes, type Module, notes, prefixes, renamed } from "./parity.test.body.ts";

interface Names {
  readonly version: string;
  readonly modules: { readonly [M in Module]: readonly string[] };
}

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const { version, modules } = JSON.parse(read("src/goldens/kerasNames.json")) as Names; // our own file
const moduleNames = Object.keys(modules) as Module[]; // the file's keys

/** What a dotted name of ours stands for. */
const lookUp = (name: string): unknown =>
  name.split(".").reduce<unknown>((place, part) => (place as Record<string, unknown> | undefined)?.[part], chainrule);

/** Our name for one of Keras's, or undefined. */
function oursOf(module: Module, keras: string): string | undefined {
  const other = renamed[module]?.[keras];
  if (other !== undefined) return other === "" ? undefined : other;
  const name = camelCase(keras);
  return Object.hasOwn(homes[module], name) ? `${prefixes[module]}${name}` : undefined;
}

/** Lower-case functions, and short or long forms of the same word, stand in one row. */
function groupsOf(module: Module): { readonly keras: readonly string[]; readonly ours: string | undefined }[] {
  const groups = new Map<string, { keras: string[]; ours: string | undefined }>();
  for (const keras of modules[module]) {
    const ours = oursOf(module, keras);
    const key = ours ?? `\u0000${keras}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { keras: [keras], ours });
    else group.keras.push(keras);
  }
  return [...groups.values()];
}

function page(): string {
  const sections = moduleNames.map((module) => {
    const groups = groupsOf(module);
    const there = groups.filter(({ ours }) => ours !== undefined);
    const noteOf = (keras: readonly string[]): string | undefined =>
      keras.map((name) => notes[module]?.[name]).find((text) => text !== undefined);
    const missing = groups
      .filter(({ keras, ours }) => ours === undefined && noteOf(keras) === undefined)
      .flatMap(({ keras }) => keras);
    // What is there in other words has a row as well.
    const table = groups
      .filter(({ keras, ours }) => ours !== undefined || noteOf(keras) !== undefined)
      .map(({ keras, ours }) => {
        const names = keras.map((name) => `\`${name}\``).join(", ");
        return `| ${names} | ${ours === undefined ? "–" : `\`${ours}\``} | ${noteOf(keras) ?? ""} |`;
      });
    return [
      `## keras.${module}`,
      "",
      `${there.length} of ${groups.length}; tested on ${devices[module]}.`,
      "",
      "| Keras | ours | what differs |",
      "|---|---|---|",
      ...table,
      ...(missing.length === 0 ? [] : ["", `Not here: ${missing.map((name) => `\`${name}\``).join(", ")}.`]),
      "",
    ].join("\n");
  });
  const options = [
    "## Options",
    "",
    "Options and defaults of all layers, losses, metrics, optimizers and schedules are compared with Keras's own signatures",
    "(core/src/defaults.test.ts); those of initializers, regularizers, constraints and activations by what they compute. Not here:",
    "",
    "| Keras | why |",
    "|---|---|",
    ...differences(),
    "",
  ].join("\n");
  const intro = [
    "# Keras 3 and Chainrule, name by name",
    "",
    `Every public name of Keras ${version}'s modules, and ours. Written by core/src/parity.test.ts, which fails when this page`,
    "is not what the library has; `UPDATE_GOLDENS=1` writes it anew. Names are camel case; classes are made by functions of the same name.",
    "",
  ].join("\n");
  return `${intro}\n${sections.join("\n")}\n${options}`;
}

test("every name on the page exists", () => {
  for (const module of moduleNames) {
    for (const { ours } of groupsOf(module)) if (ours !== undefined) assert.notEqual(lookUp(ours), undefined, ours);
  }
});

test("every layer on the page has rows in the layer test", () => {
  for (const { ours } of groupsOf("layers")) {
    const name = ours?.startsWith("layers.") ? ours.slice("layers.".length) : undefined;
    if (name !== undefined && name !== "input") assert.ok(rows[name as keyof typeof rows].length > 0, name);
  }
});

test("no name of a note or another word is misspelt", () => {
  for (const table of [renamed, notes]) {
    for (const [module, entries] of Object.entries(table)) {
      for (const keras of Object.keys(entries)) {
        assert.ok(modules[module as Module].includes(keras), `keras.${module}.${keras}`);
      }
    }
  }
});

test("docs/keras-parity.md is what the library has", () => {
  const path = new URL("../../docs/keras-parity.md", import.meta.url);
  const text = page();
  if (process.env["UPDATE_GOLDENS"] === "1") writeFileSync(path, text);
  assert.equal(readFileSync(path, "utf8"), text);
});
