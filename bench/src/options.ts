import { parseArgs } from "node:util";
import { type WorkloadName, workloadNames } from "./workloads/index.ts";

export const ourDevices = ["native", "wasm"] as const;
export type OurDevice = (typeof ourDevices)[number];

export interface Options {
  readonly peers: boolean;
  readonly only: readonly WorkloadName[];
  readonly threads: number;
  readonly devices: readonly OurDevice[];
  readonly python: string | undefined;
  readonly json: string | undefined;
  readonly quick: boolean;
  readonly help: boolean;
}

/** Wrong usage: printed as one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const help = `npm run bench -- [options]

  --peers             other frameworks beside ours, alternating in the same run
  --only W3,W5        these workloads; all of W1 to W9 otherwise
  --threads 1|2       threads for every system; 2 otherwise
  --device native|wasm  one of our devices; both otherwise
  --python PATH       the Python that has torch; otherwise the first one found, torch 2.x before 1.x
  --json FILE         also writes the results as JSON
  --quick             two short rounds: to see that it works, not how fast
  --help              this page
`;

/** How each option's text becomes a value; switches have no text. */
const readers = {
  peers: undefined,
  quick: undefined,
  help: undefined,
  only: readOnly,
  threads: (text: string) => Number(oneOf("threads", ["1", "2"], text)),
  device: (text: string) => oneOf("device", ourDevices, text),
  python: (text: string) => notEmpty("python", text),
  json: (text: string) => notEmpty("json", text),
} as const;

/** What the command line asks for; anything unknown or malformed is a UsageError. */
export function readOptions(args: readonly string[]): Options {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(readers).map(([name, read]) => [name, { type: read === undefined ? "boolean" : "string" }]),
    ),
  });
  const texts = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "positional") throw new UsageError(`"${token.value}" is no option; --help lists them`);
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    if (!Object.hasOwn(readers, name)) {
      throw new UsageError(`unknown option ${rawName}; the options are ${Object.keys(readers).map(flag).join(" ")}`);
    }
    if (texts.has(name)) throw new UsageError(`${rawName} is given twice`);
    const takesValue = readers[name as keyof typeof readers] !== undefined; // hasOwn just before
    // What looks like the next option is hardly meant as a value.
    const missing = value === undefined || (inlineValue === false && value.startsWith("--"));
    if (takesValue && missing) throw new UsageError(`${rawName} needs a value`);
    if (!takesValue && value !== undefined) throw new UsageError(`${rawName} takes no value, received "${value}"`);
    texts.set(name, value ?? "");
  }
  const read = <T>(name: keyof typeof readers, reader: (text: string) => T): T | undefined => {
    const text = texts.get(name);
    return text === undefined ? undefined : reader(text);
  };
  const device = read("device", readers.device);
  return {
    peers: texts.has("peers"),
    quick: texts.has("quick"),
    help: texts.has("help"),
    only: read("only", readers.only) ?? workloadNames,
    threads: read("threads", readers.threads) ?? 2,
    devices: device === undefined ? ourDevices : [device],
    python: read("python", readers.python),
    json: read("json", readers.json),
  };
}

const flag = (name: string): string => `--${name}`;

function readOnly(text: string): readonly WorkloadName[] {
  const names = text.split(",").map((name) => oneOf("only", workloadNames, name.trim().toUpperCase()));
  return workloadNames.filter((name) => names.includes(name));
}

function oneOf<const Choice extends string>(option: string, choices: readonly Choice[], text: string): Choice {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${option} takes ${choices.join(", ")}; received "${text}"`);
}

function notEmpty(option: string, text: string): string {
  if (text !== "") return text;
  throw new UsageError(`--${option} needs a value`);
}
