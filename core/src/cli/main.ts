import { ArgumentError, suggest } from "../base/errors.ts";
import { type DigitsDefaults, digitsOptions, runDigits } from "./digits/run.ts";
import { describeOptions } from "./options.ts";
import { profileOptions } from "./profile/options.ts";
import { runProfile } from "./profile/run.ts";
import { report } from "./report.ts";
import { runRuns, runStudio, runsOptions, studioOptions } from "./studio.ts";

/** What `chainrule train` can train. */
const tasks = { digits: { run: runDigits, options: digitsOptions } } as const;

const help = `chainrule: deep learning for TypeScript

  chainrule train digits [options]   train the small convnet on 10,000 handwritten digits
  chainrule profile [options] SCRIPT|train digits [its options]
                                     run it, and say where the time of its kernels and its memory went
  chainrule studio [options] [FOLDER]
                                     the page that shows and steers the runs of a folder
  chainrule runs ls|get|tail|doctor [options] [RUN]
                                     runs as text, or as JSON for programs
  chainrule --help                   this page

Options of train digits
${describeOptions(digitsOptions)}

Options of profile, before what is profiled
${describeOptions(profileOptions)}

Options of studio
${describeOptions(studioOptions)}

Options of runs
${describeOptions(runsOptions)}

Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
`;

/** Runs the command line and returns the exit status; errors are printed for people. `defaults` hold where an option is not given. */
export async function main(args: readonly string[], defaults: DigitsDefaults = {}): Promise<number> {
  // It stays: the error comes later than the write, perhaps after the last one.
  process.stdout.on("error", endWithReader);
  try {
    await dispatch(args, defaults);
    return 0;
  } catch (error) {
    return report(error);
  }
}

/** Ends the process without ado when nobody reads its output any more, as after `| head`. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
}

async function dispatch([command, task, ...rest]: readonly string[], defaults: DigitsDefaults): Promise<void> {
  if (command === undefined) throw new ArgumentError("no command was given; chainrule --help lists them");
  if ([command, task, ...rest].some((word) => word === "--help" || word === "-h") || command === "help") {
    process.stdout.write(help);
    return;
  }
  const words = [...(task === undefined ? [] : [task]), ...rest];
  if (command === "profile") {
    const train = (words: readonly string[]): Promise<void> => dispatch(["train", ...words], defaults);
    return await runProfile(words, { train });
  }
  if (command === "studio") return await runStudio(words);
  if (command === "runs") return await runRuns(words);
  if (command !== "train") {
    const known = ["train", "profile", "studio", "runs"];
    throw new ArgumentError({ what: `unknown command "${command}"`, hint: suggest(command, known) });
  }
  const found = Object.entries(tasks).find(([name]) => name === task)?.[1];
  if (found === undefined) {
    const what = task === undefined ? "train: what is to be trained?" : `train: unknown task "${task}"`;
    throw new ArgumentError({ what, hint: suggest(task ?? "", Object.keys(tasks)) });
  }
  await found.run(rest, defaults);
}
