import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ArgumentError } from "../../base/errors.ts";
import { createDevice, type Limits, measureLimits } from "../../device/index.ts";
import { writeFileAtomically } from "../../formats/index.ts";
import { chromeTrace, type Profile, startProfile } from "../../observe/index.ts";
import { setDevice } from "../../tensor/index.ts";
import { readOptions } from "../options.ts";
import { demandWritable } from "../writable.ts";
import { type ProfileValues, profileOptions } from "./options.ts";
import { printProfile } from "./report.ts";

/** A command that can be profiled: `train digits`. */
type Command = (args: readonly string[]) => Promise<void>;

/**
 * Runs a command of ours or a script of the user's, and prints where the time of its kernels went and who needed its memory.
 * Our own options come first; everything from the first word on belongs to what is profiled.
 */
export async function runProfile(args: readonly string[], commands: Readonly<Record<string, Command>>): Promise<void> {
  const start = firstWord(args);
  const { values } = readOptions(args.slice(0, start), profileOptions);
  const [word, ...rest] = args.slice(start);
  if (word === undefined) throw new ArgumentError("profile: what is to be profiled? A script, or train digits");
  for (const option of ["trace", "json"] as const) {
    const path = values[option];
    if (path !== undefined) await demandWritable(option, path);
  }
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  const work = command === undefined ? await script(word, rest) : () => command(rest);

  if (values.device !== undefined) await setDevice(values.device);
  const profiling = startProfile();
  await work();
  await say(profiling.stop(), values);
}

/** Where our options end: values of options are no words. */
function firstWord(args: readonly string[]): number {
  let at = 0;
  while (at < args.length && args[at]!.startsWith("--")) {
    const name = args[at]!.slice(2);
    const takesValue = Object.hasOwn(profileOptions, name); // --name=value is one argument
    at += takesValue ? 2 : 1;
  }
  return Math.min(at, args.length);
}

/** The user's program, with its own arguments, as if Node had started it; done when it leaves nothing more to do. */
async function script(path: string, args: readonly string[]): Promise<() => Promise<void>> {
  const file = resolve(path);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) {
    throw new ArgumentError({
      what: `profile: there is no script ${file}`,
      hint: "pass a JavaScript file, or: chainrule profile train digits",
    });
  }
  return async () => {
    process.argv = [process.argv[0]!, file, ...args];
    await import(pathToFileURL(file).href);
    await new Promise<void>((done) => {
      process.once("beforeExit", () => done());
    });
  };
}

async function say(profile: Profile, { trace, json, top = 20 }: ProfileValues): Promise<void> {
  const limits: Record<string, Limits> = {};
  for (const name of ["native", "wasm"] as const) {
    if (!profile.programs.some(({ device }) => device === name)) continue;
    const device = await createDevice(name); // that of the script may be closed by now
    const measured = await measureLimits(device);
    if (measured !== undefined) limits[name] = measured;
    await device.close();
  }
  process.stdout.write(`\n${printProfile(profile, { limits, top })}\n`);
  if (trace !== undefined) {
    await writeFileAtomically(trace, chromeTrace(profile));
    process.stdout.write(`\nTimeline written to ${trace}\n`);
  }
  if (json !== undefined) {
    const { programs, kernels, memory } = profile;
    await writeFileAtomically(json, `${JSON.stringify({ limits, programs, kernels, memory }, undefined, 2)}\n`);
    process.stdout.write(`\nFigures written to ${json}\n`);
  }
}
