import { ArgumentError } from "../base/errors.ts";
import { readOptions, text, toggle, wholeNumber } from "./options.ts";

export const studioOptions = {
  port: wholeNumber("where to listen (default: any port that is free)"),
  host: text("ADDRESS", "listen beyond this machine; the studio is read-only then"),
  "allow-control": toggle("obey commands although --host lets others in"),
} as const;

export const runsOptions = {
  folder: text("FOLDER", "folder of runs (default runs)"),
  json: toggle("print JSON"),
  follow: toggle("for tail: go on until the run is over"),
} as const;

/** What we need of the optional package; it stands above us. */
interface StudioPackage {
  studioCommand(
    options: { runs: string; port?: number | undefined; host?: string | undefined; allowControl?: boolean | undefined },
    say: (text: string) => void,
  ): Promise<void>;
  runsCommand(
    words: readonly string[],
    options: { folder: string; json: boolean; follow: boolean },
    say: (text: string) => void,
  ): Promise<void>;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** `chainrule studio [FOLDER]`. */
export async function runStudio(args: readonly string[]): Promise<void> {
  const { values, words } = readOptions(args, studioOptions);
  const [runs = "runs", surplus] = words;
  if (surplus !== undefined) throw new ArgumentError(`studio takes one folder, received "${surplus}" too`);
  const { port, host, "allow-control": allowControl } = values;
  const { studioCommand } = await loadStudio();
  await studioCommand({ runs, port, host, allowControl }, say);
}

/** `chainrule runs ls|get|tail|doctor [RUN]`. */
export async function runRuns(args: readonly string[]): Promise<void> {
  const { values, words } = readOptions(args, runsOptions);
  const { folder = "runs", json = false, follow = false } = values;
  const { runsCommand } = await loadStudio();
  try {
    await runsCommand(words, { folder, json, follow }, say);
  } catch (error) {
    // The package has no class for errors of usage.
    if (error instanceof Error && error.constructor === Error) throw new ArgumentError(error.message);
    throw error;
  }
}

async function loadStudio(): Promise<StudioPackage> {
  // Not a literal: the package is optional, and stands above this one.
  const specifier = ["@chainrule", "studio"].join("/");
  try {
    return (await import(specifier)) as StudioPackage; // our own package
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new ArgumentError({
      what: "the package @chainrule/studio is not installed",
      hint: "npm install @chainrule/studio",
    });
  }
}
