#!/usr/bin/env node
import { ChainruleError, ArgumentError, suggest } from "../base/errors.ts";
import { describeOptions } from "./options.ts";
import { digitsOptions, runDigits } from "./digits/run.ts";

const usageStatus = 2;

const tasks = { digits: { run: runDigits, options: digitsOptions } } as const;

const help = `chainrule — deep learning for TypeScript

  chainrule train digits [options]   train the small convnet on 10,000 handwritten digits
  chainrule --help                   this page

Options of train digits
${describeOptions(digitsOptions)}
`;

/** Runs the command line and returns the exit status: 0 done, 1 failed, 2 wrong usage (one line on standard error). */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const [command, task, ...rest] = args;
    if (command === undefined || command === "--help" || command === "-h" || command === "help" || args.includes("--help")) {
      process.stdout.write(help);
      return command === undefined ? usageStatus : 0;
    }
    if (command !== "train") throw new ArgumentError(`unknown command "${command}": ${suggest(command, ["train"])}`);
    const found = Object.entries(tasks).find(([name]) => name === task)?.[1];
    if (found === undefined) throw new ArgumentError(`train what? ${suggest(task ?? "", Object.keys(tasks))}; received ${task === undefined ? "nothing" : `"${task}"`}`);
    await found.run(rest);
    return 0;
  } catch (error) {
    return report(error);
  }
}

/** Prints an error for people: one line for wrong usage, all of it otherwise. */
export function report(error: unknown): number {
  if (error instanceof ArgumentError) {
    const { what, hint } = error.parts;
    process.stderr.write(`chainrule: ${[what, hint].filter((part) => part !== undefined).join("; ")}\n`);
    return usageStatus;
  }
  process.stderr.write(`chainrule: ${error instanceof ChainruleError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
