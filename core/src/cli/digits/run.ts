import { ArgumentError } from "../../base/errors.ts";
import { environment } from "../../base/host.ts";
import { defaultDevice, deviceReport, setDevice, setThreads } from "../../tensor/index.ts";
import { interruptible } from "../interrupt.ts";
import { readOptions } from "../options.ts";
import { demandWritable } from "../writable.ts";
import { loadDigits } from "./data.ts";
import { type DigitsValues, digitsOptions } from "./options.ts";
import { predictDigits } from "./predict.ts";
import { trainDigits } from "./train.ts";

export { digitsOptions } from "./options.ts";
/** What holds where the command line says nothing. */
export type DigitsDefaults = Pick<DigitsValues, "save">;

/** The main job: learns digits from random weights, says how well, and where the time went. */
export async function runDigits(args: readonly string[], defaults: DigitsDefaults = {}): Promise<void> {
  const { values, words } = readOptions(args, digitsOptions);
  if (words.length > 0) throw new ArgumentError(`train digits takes options only, received "${words[0]}"`);
  const settings: DigitsValues = { ...defaults, ...values };
  if (settings.predict === true && settings.save === undefined) {
    throw new ArgumentError("--predict needs the model that an earlier run saved: --save FILE");
  }
  if (settings.json !== undefined && settings.predict === true)
    throw new ArgumentError("--json has nothing to write with --predict");
  if (settings.json !== undefined) await demandWritable("json", settings.json);
  if (settings.save !== undefined && settings.predict !== true) await demandWritable("save", settings.save);
  if (settings.threads !== undefined) setThreads(settings.threads);
  if (settings.device !== undefined) await setDevice(settings.device);

  const device = await defaultDevice();
  try {
    process.stdout.write(`${await deviceLine(settings)}\n`);
    const began = performance.now();
    const digits = await loadDigits();
    const work = settings.predict === true ? predictDigits : trainDigits;
    await interruptible((signal) => work({ digits, settings, signal, began }));
  } finally {
    await device.close();
  }
}

/** `Device: wasm (SIMD, 2 threads); native is not used: no C compiler found (cc, gcc, clang)`. */
async function deviceLine({ device }: DigitsValues): Promise<string> {
  const { name, description, reason } = await deviceReport();
  const variable = environment("CHAINRULE_DEVICE");
  const asked =
    device !== undefined
      ? "--device"
      : variable !== undefined && variable !== "automatic"
        ? "CHAINRULE_DEVICE"
        : undefined;
  const why = asked !== undefined ? `chosen by ${asked}` : reason === "" ? "the fastest that works here" : reason;
  return `Device: ${name} (${description}); ${why}`;
}
